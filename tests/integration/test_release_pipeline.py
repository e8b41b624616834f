"""From a flagged document to its release: both compiled pipelines, a bucket, and a person."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from conftest import ROOT, SECRETS, write_record

sys.path.insert(0, str(ROOT / "tests" / "unit"))  # the helpers of the unit tests of review

from review_inputs import DOC, NAME, NUMBER, propose
from review_servers import Client, serving

from nescio.outcome import RUNS
from nescio.review import audit
from nescio.review.apply import find_record
from nescio.review.desk import Desk, items_of
from nescio.review.log import open_log
from nescio.review.proposal import read_proposed, read_redactions
from nescio.store import Store, open_store

RUN = """
import sys
from kfp import components, local

pipeline, root, inbox, outbox, confidential = sys.argv[1:]
local.init(local.SubprocessRunner(use_venv=False), pipeline_root=root, raise_on_error=True)
release = components.load_component_from_file(pipeline)
release(inbox=inbox, outbox=outbox, reader="alice", confidential=confidential)
"""
"""Executes the compiled pipeline as kfp.local does, task by task."""


class Place:
    """An inbox and an outbox in one bucket, and what is run on them."""

    def __init__(self, name: str, folder: Path) -> None:
        self.inbox, self.outbox, self.folder = f"s3://{name}/in", f"s3://{name}/out", folder
        self.confidential = f"s3://{name}/lists/cci.csv"
        open_store(f"s3://{name}/lists").write("cci.csv", b"text,justification\nAspirin 75 mg,dose")

    @property
    def store(self) -> Store:
        return open_store(self.outbox)

    def deidentify(self) -> int:
        """Run the first pipeline; return the exit code of the command."""
        program = Path(sys.executable).with_name("nescio")
        command = [str(program), "run", self.inbox, "-o", self.outbox]
        return subprocess.run(command, timeout=900, capture_output=True, check=False).returncode

    def release(self, confidential: str = "") -> dict[str, Any]:
        """Run the second pipeline as compiled; return its manifest's only document."""
        before = set(self.manifests())
        given = (ROOT / "pipelines" / "release.yaml", self.folder / "artifacts", self.inbox)
        command = [sys.executable, "-c", RUN, *map(str, given), self.outbox, confidential]
        done = subprocess.run(command, timeout=900, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
        assert not any(secret in done.stdout + done.stderr for secret in SECRETS)
        (new,) = set(self.manifests()) - before
        (document,) = json.loads(self.store.read(new))["documents"]
        return dict(document)

    def manifests(self) -> list[str]:
        keys = [entry.key for entry in self.store.list(RUNS)]
        return [key for key in keys if key.endswith("manifest.json")]

    def listing(self) -> dict[str, str]:
        text = self.store.read("private/documents.csv").decode()
        (row,) = csv.DictReader(io.StringIO(text, newline=""))
        return row


@pytest.fixture
def proposed(bucket: str, tmp_path: Path) -> Place:
    """A bucket with a proposal whose second page is flagged, and its original."""
    pdf, local, _ = propose(tmp_path, flags={1: ["no_text"]})
    place = Place(bucket, tmp_path)
    for entry in local.list():
        place.store.write(entry.key, local.read(entry.key))
    listing = f"path,id,outcome,reason,released_as\nward/one.pdf,{DOC},quarantined,no_text,\n"
    place.store.write("private/documents.csv", listing.encode())
    place.store.write(f"quarantine/{DOC}.json", b"{}")
    open_store(place.inbox).upload(pdf, "ward/one.pdf")
    return place


@pytest.mark.timeout(1800)
def test_the_compiled_pipeline_releases_what_a_person_decided(proposed: Place) -> None:
    store = proposed.store
    record = find_record(store, DOC)
    items = items_of(record, read_redactions(store, DOC), read_proposed(store, DOC))
    log = open_log(proposed.outbox, DOC, record.token, "alice")
    desk = Desk(DOC, record, items, log)
    desk.do({"do": "verdict", "marks": ["0.0"], "verdict": "rejected"})
    desk.do({"do": "verdict", "marks": ["1.1", "2.0", "3.1"], "verdict": "accepted"})
    waiting = proposed.release()
    assert (waiting["outcome"], waiting["reason"]) == ("proposed", "flagged_pages_open")
    assert not list(store.list("released"))
    desk.do({"do": "page", "page": 1, "checked": True})
    assert proposed.release(proposed.confidential)["outcome"] == "released"
    with pymupdf.open(store.fetch(f"released/{DOC}.pdf", proposed.folder)) as document:
        first, second = (page.get_text() for page in document)
    assert NAME in first and NAME not in second and NUMBER not in first + second
    assert "Aspirin 75 mg" not in first + second and "for 10 days." in first
    certificate = json.loads(store.read(f"released/{DOC}.certificate.json"))
    assert certificate["verdict"] == "verified"
    review = certificate["review"]
    assert (review["accepted"], review["rejected"], review["confidential_places"]) == (3, 1, 2)
    assert not store.exists(f"quarantine/{DOC}.json")
    assert proposed.listing()["outcome"] == "released"
    audit.check_trail(proposed.outbox)


@pytest.fixture
def place(bucket: str, tmp_path: Path) -> Place:
    """A bucket whose inbox holds a record with a page that nobody can read."""
    pdf = write_record(tmp_path / "record.pdf")
    with pymupdf.open(pdf) as document:
        page = document.new_page()
        page.draw_bezier((100, 100), (160, 40), (220, 160), (280, 100), width=3)
        document.saveIncr()
    open_store(f"s3://{bucket}/in").upload(pdf, "ward/record.pdf")
    return Place(bucket, tmp_path)


@pytest.mark.timeout(1800)
def test_a_flagged_document_waits_for_a_person_and_is_then_released(place: Place) -> None:
    assert place.deidentify() == 4, "nothing is released"
    row = place.listing()
    doc, store = row["id"], place.store
    assert (row["outcome"], row["reason"]) == ("quarantined", "no_text")
    assert store.exists(f"private/proposal/{doc}.pdf") and store.exists(f"quarantine/{doc}.json")
    assert "review" in json.loads(store.read(f"quarantine/{doc}.json"))["remedy"]
    with serving(place.outbox, "alice", inbox=place.inbox) as address:
        client, api = Client(address).log_in(), f"/api/d/{doc}"
        state = client.get(f"{api}/state").json
        assert set(state["flags"]) == {"1"}
        marks = [mark["id"] for mark in state["items"]]
        accept = {"do": "verdict", "marks": marks, "verdict": "accepted"}
        assert client.post(f"{api}/do", accept).status == 200
        waiting = place.release()
        assert (waiting["outcome"], waiting["reason"]) == ("proposed", "flagged_pages_open")
        looked = {"do": "page", "page": 1, "checked": True}
        assert client.post(f"{api}/do", looked).status == 200
    assert any(entry.key.startswith(f"private/review/{doc}/") for entry in store.list("private"))
    assert place.release()["outcome"] == "released"
    with pymupdf.open(store.fetch(f"released/{doc}.pdf", place.folder)) as document:
        text = "\n".join(page.get_text() for page in document) + str(document.metadata)
    assert not any(secret.casefold() in text.casefold() for secret in SECRETS)
    assert "Aspirin 75 mg" in text and "DISCHARGE SUMMARY" in text
    certificate = json.loads(store.read(f"released/{doc}.certificate.json"))
    assert certificate["verdict"] == "verified" and certificate["review"]["flagged_pages"] == 1
    results = {check["number"]: check["status"] for check in certificate["checks"]}
    assert results[33] == "passed", "detectors ran on the output"
    assert not store.exists(f"quarantine/{doc}.json")
    assert place.listing()["outcome"] == "released"
    report = store.read("report.html").decode()
    assert "What people decided" in report and "reader 1:" in report and "alice" not in report
    assert json.loads(store.read("metrics.json"))["documents_released"] == 1
    assert place.release(place.confidential)["outcome"] == "released", "another list, another file"
    with pymupdf.open(store.fetch(f"released/{doc}.pdf", place.folder)) as document:
        assert "Aspirin" not in document[0].get_text()
    audit.check_trail(place.outbox)
