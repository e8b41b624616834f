"""A run through a real MinIO that is killed, then run again: nothing lost, nothing twice."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pymupdf
import pytest
from conftest import SECRETS, write_record

from integration.conftest import Server
from integration.killing_proxy import killing_proxy
from nescio.s3 import S3Store

SURNAMES = ("Zubrowska", "Kowalczyk", "Wisniewska")
KILLED = -9

pytestmark = pytest.mark.timeout(600)  # two whole runs, and this is for machines that are busy


def write_bomb(path: Path) -> Path:
    """Write a record of 115 kB whose page unfolds to 110 MiB of drawing instructions."""
    write_record(path, "Bombowska")
    with pymupdf.open(path) as document:
        page = document[0]
        bomb = document.get_new_xref()
        document.update_object(bomb, "<<>>")
        document.update_stream(bomb, b" " * (110 << 20), compress=True)
        both = f"[{page.get_contents()[0]} 0 R {bomb} 0 R]"
        document.xref_set_key(page.xref, "Contents", both)
        document.saveIncr()
    return path


class Story(NamedTuple):
    """Two runs on one inbox, the first of them killed; what the outbox listed after each."""

    store: S3Store
    codes: list[int]
    said: str
    answer: dict[str, Any]
    listings: list[dict[str, str]]
    temporary: Path


@pytest.fixture(scope="module")
def story(minio_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Kill a run at the worst moment, between a document's certificate and its PDF; run again."""
    folder, bucket = tmp_path_factory.mktemp("killed"), f"b-{uuid.uuid4().hex[:12]}"
    minio_server.client.make_bucket(bucket_name=bucket)
    inbox = S3Store(f"s3://{bucket}/inbox", minio_server.client)
    store = S3Store(f"s3://{bucket}/outbox", minio_server.client)
    for surname in SURNAMES:
        inbox.upload(write_record(folder / "a.pdf", surname), f"ward/{surname}.pdf")
    inbox.upload(write_bomb(folder / "bomb.pdf"), "ward/bomb.pdf")
    environment = os.environ | minio_server.environment
    environment |= {"XDG_CACHE_HOME": str(folder / "cache")}
    command = [str(Path(sys.executable).with_name("nescio")), "run", inbox.uri, "-o", store.uri]
    codes, listings, said, out = [], [], "", ""
    upstream = minio_server.environment["NESCIO_S3_ENDPOINT"].removeprefix("http://")
    # Not below pytest's long folder: sockets stand in it.
    with killing_proxy(upstream) as proxy, tempfile.TemporaryDirectory(prefix="n-") as temporary:
        environment |= {"TMPDIR": temporary}
        for kill in (r"^PUT \S+/released/[^/]+\.certificate\.json", ""):
            code, out, err = proxy.run([*command, "--json"], environment, kill, count=2)
            codes.append(code)
            said += out + err
            listings.append({entry.key: entry.etag for entry in store.list()})
        assert codes[-1] in (0, 3), said
        yield Story(store, codes, said, json.loads(out), listings, Path(temporary))


def pdfs(listing: dict[str, str]) -> set[str]:
    """Return the released PDFs of a listing."""
    return {key for key in listing if key.startswith("released/") and key.endswith(".pdf")}


def manifests(listing: dict[str, str]) -> list[str]:
    """Return the manifests of finished runs."""
    return [key for key in listing if key.endswith("/manifest.json")]


def test_a_run_that_dies_while_it_publishes_leaves_whole_documents_and_no_manifest(
    story: Story,
) -> None:
    (killed,) = story.listings[:1]
    assert story.codes[0] == KILLED
    assert len(pdfs(killed)) == 1 and not manifests(killed)
    assert any("/pending/" in key for key in killed)


def test_the_next_run_loses_nothing_and_does_nothing_twice(story: Story) -> None:
    before, after = story.listings
    assert story.answer["outcomes"] == {"unchanged": 1, "released": 2, "quarantined": 1}
    assert len(pdfs(after)) == len(SURNAMES) and len(manifests(after)) == 1
    (first,) = pdfs(before)
    assert after[first] == before[first]
    assert {key.removesuffix(".pdf") + ".certificate.json" for key in pdfs(after)} <= set(after)
    ids = [document["id"] for document in story.answer["documents"]]
    assert len(set(ids)) == len(SURNAMES) + 1


def test_the_hostile_document_is_held_back_and_stops_no_other(story: Story) -> None:
    (bomb,) = [item for item in story.answer["documents"] if item["outcome"] == "quarantined"]
    assert story.codes[-1] == 3
    assert f"quarantine/{bomb['id']}.json" in story.listings[-1]
    assert f"released/{bomb['id']}.pdf" not in story.listings[-1]


def test_no_identifier_is_published_or_said(story: Story, tmp_path: Path) -> None:
    names = [*SURNAMES, "Bombowska", "bomb.pdf", *SECRETS[1:]]
    texts = [story.said, *map("\n".join, story.listings)]
    for key in pdfs(story.listings[-1]):
        with pymupdf.open(story.store.fetch(key, tmp_path)) as document:
            texts.append("".join(page.get_text() for page in document))
    assert len(texts[-1]) > 100
    for text in texts:
        assert not sum(name.casefold() in text.casefold() for name in names)


def test_what_the_killed_runs_left_on_this_machine_is_gone(story: Story) -> None:
    left = [path for path in story.temporary.rglob("*") if path.is_file()]
    assert not left, f"{len(left)} files of killed runs, which may hold PHI, are still here"
