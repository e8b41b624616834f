"""Commercially confidential texts: removed at the release of a review, and told apart from people's
identities.
"""

from __future__ import annotations

import json
from pathlib import Path

import pymupdf
import pytest
from review_inputs import DOC, NAME, OTHER_NAME, propose
from review_servers import API, Client, list_original, serving

from nescio.redact import open_prepared
from nescio.review.apply import apply_proposal, find_record
from nescio.review.compare import Changes
from nescio.review.confidential import Confidential, hide, read_confidential
from nescio.review.corrections import corrections_key
from nescio.review.covers import Cover
from nescio.review.desk import Desk, items_of
from nescio.review.proposal import proposal_key, read_proposed, read_redactions
from nescio.store import LocalStore

SECRET = "Aspirin 75 mg was given"


def listed(folder: Path, *rows: str) -> str:
    path = folder / "cci.csv"
    path.write_text("\n".join(["text,justification", *rows]) + "\n")
    return str(path)


def texts(path: Path) -> list[str]:
    with pymupdf.open(path) as document:
        return [" ".join(page.get_text().split()) for page in document]


def test_a_list_is_removed_and_the_certificate_says_how_much(tmp_path: Path) -> None:
    pdf, store, _ = propose(tmp_path)
    uri = listed(tmp_path, f"{SECRET.upper()},dose not public", "Absentium 9,none")
    edited = tmp_path / "out" / proposal_key(DOC, "pdf")
    done = apply_proposal(str(tmp_path / "out"), DOC, edited, pdf, confidential=uri)
    out = tmp_path / "out" / done.file
    for text in texts(out):
        assert "Aspirin" not in text and "for 10 days." in text and NAME not in text
    certificate = json.loads(out.with_suffix(".certificate.json").read_text())
    assert certificate["verdict"] == "verified"
    review = certificate["review"]
    assert review["confidential_places"] == 2 and review["accepted"] == 4
    assert (review["confidential_texts"], review["confidential_texts_absent"]) == (1, 1)
    told = json.dumps(certificate)
    assert "Aspirin" not in told and "Absentium" not in told and "dose" not in told
    assert b"CCI" not in store.read(corrections_key(DOC)), "it is nobody's identity"
    kept = json.loads((tmp_path / "out/private/review" / f"{DOC}.json").read_text())
    assert {row["label"] for row in kept["texts"]} == {"NAME", "ID"}


def test_a_text_that_wraps_is_found_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_textbox((72, 72, 200, 200), "The batch process of Vault Nine uses tin.")
        document.save(path)
    changes = Changes()
    with open_prepared(path, None) as document:
        text = "process of vault nine uses"
        found = hide(Cover(document), "d-1", [0], [Confidential(text, "")], changes)
    assert (found.texts, found.absent, found.places) == (1, 0, 1)
    assert len(changes.rows) >= 2, "a box for each line"
    assert len({(row["mention"], row["label"]) for row in changes.rows}) == 1
    assert {row["label"] for row in changes.rows} == {"CCI"}


def test_a_mark_may_be_said_to_be_confidential(tmp_path: Path) -> None:
    pdf, store, _ = propose(tmp_path)
    list_original(tmp_path / "out", pdf)
    uri = listed(tmp_path, f"{SECRET},dose")
    with serving(tmp_path / "out", confidential=read_confidential(uri)) as address:
        client = Client(address).log_in()
        assert "CCI" in {label["label"] for label in client.state()["labels"]}
        while len(hits := client.post(f"{API}/search", {"text": OTHER_NAME}).json["hits"]) < 2:
            pass
        client.do(do="add", label="CCI", places=hits)
        drawn = client.get(f"{API}/released/0/1.0.png").body
        done = client.post(f"{API}/release", {})
    assert done.status == 200, done.body
    assert done.json["counts"]["confidential_places"] == 4
    with pymupdf.open(tmp_path / "out" / done.json["file"]) as document:
        assert document[0].get_pixmap().samples == pymupdf.Pixmap(drawn).samples, "as it was shown"
        assert not any(OTHER_NAME in page.get_text() for page in document)
    kept = json.loads((tmp_path / "out/private/review" / f"{DOC}.json").read_text())
    assert "CCI" not in {row["label"] for row in kept["texts"]}
    assert b"CCI" not in store.read(corrections_key(DOC))


def test_another_list_is_another_release(tmp_path: Path) -> None:
    propose(tmp_path)
    store = LocalStore(tmp_path / "out")
    record = find_record(store, DOC)
    items = items_of(record, read_redactions(store, DOC), read_proposed(store, DOC))
    desk = Desk.decided(DOC, record, items, [])
    one, other = Confidential("one text", "a"), Confidential("other text", "b")
    prints = {desk.fingerprint(), desk.fingerprint([one]), desk.fingerprint([one, other])}
    assert len(prints) == 3
    assert desk.fingerprint([one, other]) == desk.fingerprint([other, one])


@pytest.mark.parametrize("style", ["box", "label"])
def test_without_a_list_nothing_else_goes(tmp_path: Path, style: str) -> None:
    pdf, _, _ = propose(tmp_path)
    path = tmp_path / "out" / proposal_key(DOC, "json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"style": style}))
    edited = tmp_path / "out" / proposal_key(DOC, "pdf")
    uri = listed(tmp_path, f"{SECRET},x") if style == "label" else ""
    done = apply_proposal(str(tmp_path / "out"), DOC, edited, pdf, confidential=uri)
    for text in texts(tmp_path / "out" / done.file):
        assert ("[CCI]" in text) == (style == "label")
        assert (SECRET in text) == (style == "box")
