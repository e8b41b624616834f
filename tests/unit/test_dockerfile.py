"""The Dockerfile as a text: what can be said of an image without an engine to build it."""

from __future__ import annotations

import re

from conftest import ROOT

from nescio_components.images import CPU, GPU

TEXT = (ROOT / "docker" / "Dockerfile").read_text()
STAGES = re.findall(r"^FROM (\S+) AS (\S+)$", TEXT, re.M)
PARENT = {name: base for base, name in STAGES}
BODY = {
    name: body
    for (_, name), body in zip(STAGES, re.split(r"^FROM .*$", TEXT, flags=re.M)[1:], strict=True)
}


def test_there_is_a_target_for_each_image_and_both_share_one_runtime() -> None:
    assert PARENT["cpu"] == PARENT["gpu"] == "runtime"
    assert PARENT["runtime"] == "${BASE}"
    assert CPU.rsplit(":")[-2].endswith("-cpu") and GPU.rsplit(":")[-2].endswith("-gpu")


def test_it_runs_as_a_number_that_is_not_root() -> None:
    (user,) = re.findall(r"^USER (.+)$", TEXT, re.M)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert "USER" in BODY["runtime"]


def test_final_stages_only_copy_the_environment_that_was_built() -> None:
    for name in ("cpu", "gpu"):
        lines = [line for line in BODY[name].splitlines() if line and not line.startswith("#")]
        assert lines == [f"COPY --from=build-{name} /opt/nescio /opt/nescio"]
    assert "RUN" not in BODY["runtime"]


def test_every_installation_from_an_index_keeps_to_the_constraints() -> None:
    installs = re.findall(r"-m pip install .*", TEXT.replace("\\\n", " "))
    assert len(installs) == 4
    assert all("-c constraints.txt" in line or "--no-index" in line for line in installs)


def test_torch_may_come_from_elsewhere_and_needs_no_index_beside() -> None:
    for name in ("gpu", "train"):
        (install,) = re.findall(r"-m pip install .*", BODY[f"build-{name}"].replace("\\\n", " "))
        assert "${PIP_OPTIONS} ${TORCH_OPTIONS}" in install and "--no-build-isolation" in install
        assert re.findall(r"^ARG (\w+)=", BODY[f"build-{name}"], re.M) == [
            "PIP_OPTIONS",
            "TORCH_OPTIONS",
        ]


def test_the_base_is_pinned_by_its_digest_and_may_be_another() -> None:
    (base,) = re.findall(r"^ARG BASE=(.+)$", TEXT, re.M)
    assert re.fullmatch(r"[a-z]+:3\.1[12][\w.-]*@sha256:[0-9a-f]{64}", base)
    assert [line for line in TEXT.splitlines() if line.startswith("FROM python")] == []
