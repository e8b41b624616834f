"""The container images of all components, by immutable tag, in one place."""

import os

VERSION = "0.1.0"
REGISTRY = os.environ.get("NESCIO_IMAGE_REGISTRY", "ghcr.io/nescio")
"""Read when the pipeline is compiled, so that a mirror can stand in."""

CPU = f"{REGISTRY}/nescio-python-cpu:{VERSION}"
GPU = f"{REGISTRY}/nescio-python-gpu:{VERSION}"
TRAIN = f"{REGISTRY}/nescio-python-train:{VERSION}"
