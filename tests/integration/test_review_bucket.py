"""The review page on a bucket: two people at once overwrite nothing, and a release is published."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests" / "unit"))  # the helpers of the unit tests of review

from review_inputs import DOC, NAME, OTHER_NAME, propose
from review_servers import API, Client, serving

from integration.conftest import Server
from nescio.errors import ConfigurationError
from nescio.outcome import read_outcome
from nescio.review import audit
from nescio.review.apply import reader_name
from nescio.steps import release_reviewed
from nescio.store import Store, open_store

VERDICT = {"do": "verdict", "marks": ["0.0"], "verdict": "rejected"}


@pytest.fixture
def bucket(minio_server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A bucket with an original in ``in`` and its proposal in ``out``."""
    for name, value in minio_server.environment.items():
        monkeypatch.setenv(name, value)
    name = f"b-{uuid.uuid4().hex[:12]}"
    minio_server.client.make_bucket(bucket_name=name)
    pdf, local, _ = propose(tmp_path)
    out = open_store(f"s3://{name}/out")
    for entry in local.list():
        out.write(entry.key, local.read(entry.key))
    listing = f"path,id,outcome,reason,released_as\nward/one.pdf,{DOC},proposed,,\n"
    out.write("private/documents.csv", listing.encode())
    open_store(f"s3://{name}/in").upload(pdf, "ward/one.pdf")
    return name


def texts(store: Store, key: str, folder: Path) -> str:
    import pymupdf

    with pymupdf.open(store.fetch(key, folder)) as document:
        return " ".join(" ".join(page.get_text().split()) for page in document)


def test_decisions_in_a_bucket_survive_and_are_released(bucket: str, tmp_path: Path) -> None:
    out, inbox = f"s3://{bucket}/out", f"s3://{bucket}/in"
    with serving(out, inbox=inbox) as address:
        client = Client(address).log_in()
        client.do(**VERDICT)
        client.do(do="verdict", marks=["1.1", "2.0", "3.1"], verdict="accepted")
    with serving(out, inbox=inbox) as address:
        client = Client(address).log_in()
        assert client.get("/api/documents").json["documents"][0]["decided"] == 4
        assert client.state()["progress"]["decided"] == 4
        done = client.post(f"{API}/release", {})
    assert done.status == 200, done.body
    store = open_store(out)
    text = texts(store, done.json["file"], tmp_path)
    assert text.count(NAME) == 1 and text.count(OTHER_NAME) == 2
    head = audit.check_trail(out)
    certificate = json.loads(store.read(f"released/{DOC}.certificate.json"))
    assert certificate["audit"] == {"entries": head.entries, "last_hash": head.hash}
    assert f"released,,released/{DOC}.pdf" in store.read("private/documents.csv").decode()
    assert not store.exists("private/review.lock")


def test_the_release_step_publishes_what_is_finished_and_only_once(
    bucket: str, tmp_path: Path
) -> None:
    out, inbox = f"s3://{bucket}/out", f"s3://{bucket}/in"
    store = open_store(out)

    def outcome(run: str) -> tuple[str, str]:
        release_reviewed.run(inbox, out, run, "alice", "", "ask", "ask", "")
        manifest = read_outcome(out, run)
        (row,) = manifest["documents"]
        assert row["id"] == DOC and manifest["outcomes"] == {row["outcome"]: 1}
        return row["outcome"], row["reason"]

    assert outcome("r1") == ("proposed", "not_reviewed")
    with serving(out, inbox=inbox) as address:
        client = Client(address).log_in()
        client.do(**VERDICT)
        assert outcome("r2") == ("proposed", "marks_open")
        client.do(do="verdict", marks=["1.1", "2.0", "3.1"], verdict="accepted")
        while not (hits := client.post(f"{API}/search", {"text": OTHER_NAME}).json["hits"]):
            pass
        client.do(do="add", label="NAME", places=hits[:1])
        assert outcome("r3") == ("proposed", "others_undecided")
        assert not list(store.list("released"))
        while len(hits) < 2:
            hits = client.post(f"{API}/search", {"text": OTHER_NAME}).json["hits"]
        client.do(do="add", label="NAME", places=hits[1:])
    assert outcome("r4") == ("released", "")
    text = texts(store, f"released/{DOC}.pdf", tmp_path)
    assert text.count(NAME) == 1 and OTHER_NAME not in text
    assert outcome("r5") == ("unchanged", "")
    with serving(out, inbox=inbox) as address:
        Client(address).log_in().do(**VERDICT | {"verdict": "accepted"})
    assert outcome("r6") == ("released", "")
    assert NAME not in texts(store, f"released/{DOC}.pdf", tmp_path)
    open_store(inbox).write("ward/one.pdf", b"%PDF-1.4 another")
    with serving(out, inbox=inbox) as address:
        assert Client(address).log_in().get(f"{API}/state").status == 409
    audit.check_trail(out)


def test_two_servers_of_one_reader_overwrite_nothing(bucket: str) -> None:
    out, inbox = f"s3://{bucket}/out", f"s3://{bucket}/in"
    with serving(out, inbox=inbox) as one, serving(out, inbox=inbox) as two:
        first, second = Client(one).log_in(), Client(two).log_in()
        first.state(), second.state()
        first.do(**VERDICT)
        late = second.post(f"{API}/do", VERDICT | {"marks": ["2.0"]})
        assert late.status == 409 and "in the meantime" in late.json["error"]
        verdicts = {mark["id"]: mark["verdict"] for mark in second.state()["items"]}
        assert verdicts["0.0"] == "rejected" and verdicts["2.0"] == "", "loaded anew"
        second.do(**VERDICT | {"marks": ["2.0"]})
        entries = list(audit.entries(out))
        assert [entry["action"] for entry in entries].count("rejected") == 2
        assert audit.check_trail(out).entries == len(entries)


def test_the_trail_of_a_bucket_shows_what_was_done_to_it(bucket: str) -> None:
    out = f"s3://{bucket}/out"
    for action in ("opened", "accepted", "released"):
        audit.record(out, reader_name("alice"), DOC, action)
    assert audit.check_trail(out).entries == 3
    open_store(out).delete(f"{audit.AUDIT_PREFIX}/00000002.json")
    with pytest.raises(ConfigurationError, match="broken at entry 2"):
        audit.check_trail(out)
