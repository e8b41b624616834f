"""Nescio takes people's identities out of healthcare PDFs."""

from importlib.metadata import version

__version__ = version("nescio")
