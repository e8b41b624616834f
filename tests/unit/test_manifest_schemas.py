"""The manifests against the published schemas of Kubernetes: for machines without an API server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from conftest import ROOT

VERSION = "1.34"
FILES = [
    path
    for path in sorted((ROOT / "manifests").rglob("*.yaml"))
    if path.name not in {"kustomization.yaml", "buckets.yaml"}
]


def objects(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_object_has_the_fields_of_its_kind_and_no_other(path: Path) -> None:
    assert objects(path)
    for item in objects(path):
        used = kubernetes_validate.validate(item, VERSION, strict=True)
        assert used.startswith(VERSION)


def test_a_misspelt_field_is_found() -> None:
    (job,) = objects(ROOT / "manifests" / "base" / "bootstrap.yaml")
    job["spec"]["backOffLimit"] = 1
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(job, VERSION, strict=True)
