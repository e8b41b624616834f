"""A vault carries draws from run to run: `nescio run --vault`, as a person calls it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import write_record
from test_run import leaks, nescio

from nescio.policy import Mapping, new_key, open_vault

DRAWS = """
extends: everything
name: draws
title: Draws
entities:
  NAME: surrogate
  DATE: shift
  ID: surrogate
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "draws.yaml"
    path.write_text(DRAWS)
    return path


def drawn(out: Path) -> dict[tuple[str, int], list[str]]:
    """Return what stands in place of the names, dates and ids of a run's only document."""
    (file,) = (out / "private" / "decisions").glob("*.parquet")
    rows = pq.read_table(file).to_pylist()
    shown: dict[tuple[str, int], list[str]] = {}
    for row in rows:
        if row["action"] in ("surrogate", "shift"):
            shown.setdefault((row["label"], row["paragraph"]), []).append(row["replacement"])
    return shown


def test_a_returning_patient_keeps_shift_surrogates_and_ids_by_the_vault_alone(
    policy: Path, tmp_path: Path
) -> None:
    keys, vault = tmp_path / "keys", tmp_path / "vault"
    assert nescio("vault-key", keys).returncode == 0
    assert keys.stat().st_mode & 0o777 == 0o600
    found = []
    for month in ("january", "february"):
        pdf = write_record(tmp_path / f"{month}.pdf")
        with pdf.open("ab") as file:
            file.write(f"% {month}\n".encode())  # another document, the same patient
        options = ("--policy", policy, "--vault", vault, "--vault-key-file", keys)
        result = nescio("run", pdf, "-o", tmp_path / month, "--keep-intermediates", *options)
        assert result.returncode == 0, result.stderr
        found.append(drawn(tmp_path / month))
        assert not (tmp_path / month / "private" / "mapping.jsonl").exists()
    assert found[0] == found[1]
    assert {label for label, _ in found[0]} == {"NAME", "DATE", "ID"}
    assert leaks(vault.read_bytes().decode("latin-1")) == 0
    log = (tmp_path / "february" / "private" / "work" / "kfp.log").read_text()
    assert keys.read_text().strip() not in log and str(keys) not in log and str(vault) not in log

    other = tmp_path / "other"
    nescio("vault-key", other)
    result = nescio("run", pdf, "-o", tmp_path / "o", "--vault", vault, "--vault-key-file", other)
    assert result.returncode == 2 and "does not open" in result.stderr


def test_a_vault_opens_with_the_new_key_alone_after_its_rotation(tmp_path: Path) -> None:
    keys, vault = tmp_path / "keys", tmp_path / "vault"
    nescio("vault-key", keys)
    with Mapping(open_vault(vault, keys)) as mapping:
        mapping.draw(("a",), lambda: "1")
        mapping.flush()
    assert nescio("vault-key", keys).returncode == 0
    new, _ = keys.read_text().split()
    assert nescio("vault-rotate", vault, "--vault-key-file", keys).returncode == 0
    keys.write_text(new)
    with Mapping(open_vault(vault, keys)) as mapping:
        assert mapping.get(("a",)) == "1"


def test_the_key_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NESCIO_VAULT_KEY", new_key())
    with Mapping(open_vault(tmp_path / "vault")) as mapping:
        mapping.draw(("a",), lambda: "1")
        mapping.flush()
    with Mapping(open_vault(tmp_path / "vault")) as mapping:
        assert mapping.get(("a",)) == "1"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--vault", "v"), "the vault has no key"),
        (("--vault", "v", "--vault-key-file", "missing"), "key file cannot be read"),
        (("--vault", "v", "--vault-key-file", "wrong"), "line 1: not a key"),
        (("--vault-key-file", "good"), "needs --vault"),
        (("--vault", "no/v", "--vault-key-file", "good"), "folder does not exist"),
        (("--vault", "wrong", "--vault-key-file", "good"), "does not open"),
    ],
    ids=["no key", "missing key", "no key in the file", "no vault", "no folder", "no vault inside"],
)
def test_a_vault_that_will_not_open_is_refused_before_the_run(
    options: tuple[str, ...],
    says: str,
    record_pdf: Path,
    tmp_path: Path,
    refusal: Callable[..., str],
) -> None:
    (tmp_path / "good").write_text(new_key())
    (tmp_path / "wrong").write_text("hunter2\n")
    placed = [name if name.startswith("--") else tmp_path / name for name in options]
    line = refusal("run", record_pdf, "-o", tmp_path / "out", *placed)
    assert says in line and "hunter2" not in line
    assert not (tmp_path / "out").exists() and not (tmp_path / "v").exists()
