"""The page that people look at, and the metrics: counts, times and pictures, never PHI."""

from nescio.report import kept
from nescio.report.render import render_report
from nescio.report.summary import MAX_CERTIFICATES, Summary, summarise
from nescio.report.thumbnails import thumbnails

__all__ = ["MAX_CERTIFICATES", "Summary", "kept", "render_report", "summarise", "thumbnails"]
