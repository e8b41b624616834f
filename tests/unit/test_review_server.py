"""The review server: who may ask what, and that no decision is lost."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from review_inputs import DOC, NAME, NUMBER, OTHER_NAME, propose
from review_servers import API, Client, list_original, serving
from typer.testing import CliRunner

from nescio.cli import app
from nescio.errors import ConfigurationError
from nescio.redact import redact_document
from nescio.review import audit
from nescio.review.log import DecisionLog
from nescio.review.proposal import proposal_key


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output folder with one proposal; its tests change nothing that others look at."""
    folder = tmp_path_factory.mktemp("review")
    pdf, _, _ = propose(folder)
    list_original(folder / "out", pdf)
    return folder / "out"


@pytest.fixture(scope="module")
def address(out: Path) -> Iterator[str]:
    with serving(out) as found:
        yield found


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address).log_in()


def log_of(out: Path) -> bytes:
    found = sorted((out / "private" / "review" / DOC).glob("*.jsonl"))
    return b"".join(path.read_bytes() for path in found)


PATHS = ("/", f"/d/{DOC}", "/assets/main.js", "/api/documents", f"{API}/state",
         f"{API}/page/0/1.0.png", f"{API}/words/0", f"{API}/why/0")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_shown_without_the_session(address: str, client: Client, path: str) -> None:
    stranger = Client(address)
    assert stranger.get(path).status == 401
    assert stranger.get(path, Cookie=client.cookie.split("=")[0] + "=guess").status == 401
    assert stranger.get(path, Cookie="\x01\x02;;=").status == 401
    assert client.get(path).status == 200


def test_the_cookie_is_not_the_token_and_is_closed_to_scripts(address: str) -> None:
    fresh = Client(address)
    cookie = fresh.get(f"/?token={fresh.token}").headers["set-cookie"]
    assert fresh.token not in cookie
    assert "httponly" in cookie.lower() and "samesite=strict" in cookie.lower()


def test_every_answer_forbids_keeping_framing_and_foreign_code(client: Client) -> None:
    for path in (*PATHS, "/nothing", "/assets/nothing"):
        headers = client.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../app.py",
        "/assets/..%2fapp.py",
        "/assets/%2e%2e/app.py",
        "/assets/....//app.py",
        "/assets/..\\app.py",
        "/assets//etc/passwd",
        "/assets/app.py",
        "/assets/main.js%00.css",
        "/../../etc/passwd",
        "/api/d/../documents.csv/state",
        "/api/d/..%2f..%2fdocuments/state",
        f"/api/d/{DOC}.decisions/state",
        f"/api/d/{DOC}%2f..%2f{DOC}/state",
        "/api/d/registry/state",
        f"{API}/page/0/1000.0.png",
        f"{API}/page/2/1.0.png",
        f"{API}/page/-1/1.0.png",
        f"{API}/page/99999999999999999999/1.0.png",
        f"{API}/page/0/nan.png",
        "/" + "a" * 5000,
    ],
)
def test_paths_lead_nowhere_else(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status in (400, 404, 409, 414)
    assert len(answer.body) < 200 and b"root" not in answer.body and b"import" not in answer.body


def test_another_host_name_is_refused(client: Client) -> None:
    assert client.get("/", Host="evil.example").status == 421


VERDICT = {"do": "verdict", "marks": ["0.0"], "verdict": "rejected"}


def test_changes_need_the_page_they_come_from(client: Client, out: Path) -> None:
    before = log_of(out)
    path = f"{API}/do"
    assert client.post(path, VERDICT, X_Nescio_Csrf="guess").status == 403
    assert client.post(path, VERDICT, X_Nescio_Csrf="").status == 403
    assert client.post(path, VERDICT, Origin="http://evil.example").status == 403
    assert client.post(path, VERDICT, Origin="null").status == 403
    assert client.post(path, VERDICT, Content_Type="text/plain").status == 415
    assert client.get(path).status == 405
    assert client.ask("DELETE", path).status == 405
    assert log_of(out) == before


def test_too_much_is_refused_whether_or_not_it_says_so(client: Client, out: Path) -> None:
    before = log_of(out)
    large = b'"' + b"x" * 300_000 + b'"'
    assert client.post(f"{API}/do", large).status == 413
    assert client.post(f"{API}/do", large, Content_Length="10").status in (400, 413)
    own = {"Origin": f"http://{client.host}", "X_Nescio_Csrf": client.csrf}
    chunks = (b"x" * 50_000 for _ in range(8))
    answer = client.ask("POST", f"{API}/do", chunks, Content_Type="application/json", **own)
    assert answer.status == 413
    assert log_of(out) == before


PLACE = {"page": 0, "boxes": [[1, 1, 5, 5]], "text": ""}


@pytest.mark.parametrize(
    "event",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        VERDICT | {"marks": ["9.9"]},
        VERDICT | {"marks": []},
        VERDICT | {"marks": ["../0.0"]},
        VERDICT | {"marks": [0]},
        VERDICT | {"verdict": "maybe"},
        VERDICT | {"extra": 1},
        {"do": "label", "marks": ["0.0"], "label": "<script>"},
        {"do": "page", "page": 2, "checked": True},
        {"do": "page", "page": -1, "checked": True},
        {"do": "undo", "event": 1},
        {"do": "withdraw", "marks": ["+1.0"]},
        {"do": "drop table"},
        {"do": "add", "label": "NAME", "places": []},
        {"do": "add", "label": "NAME", "places": [PLACE | {"page": 2}]},
        {"do": "add", "label": "NAME", "places": [PLACE | {"boxes": [[5, 5, 1, 1]]}]},
        {"do": "add", "label": "NAME", "places": [PLACE | {"boxes": [[0, 0, 1e300, 1]]}]},
        b'{"do":"add","label":"NAME","places":[{"page":0,"boxes":[[NaN,0,1,1]],"text":""}]}',
        b'{"do":"add","label":"NAME","places":[{"page":0,"boxes":[[0,0,1e999,1]],"text":""}]}',
        {"do": "add", "label": "NAME", "places": [PLACE | {"text": "x" * 3000}]},
    ],
)
def test_hostile_events_change_nothing(client: Client, out: Path, event: object) -> None:
    before = log_of(out)
    answer = client.post(f"{API}/do", event)
    assert answer.status == 400
    assert set(answer.json) == {"error"} and NAME not in answer.body.decode()
    assert log_of(out) == before
    assert client.get(f"{API}/state").status == 200


def test_guessing_tokens_soon_meets_a_wall(out: Path) -> None:
    with serving(out, "guesser") as own:
        stranger = Client(own)
        answers = [stranger.get(f"/?token=guess{number}").status for number in range(12)]
        assert answers == [401] * 10 + [429] * 2
        assert stranger.get(f"/?token={stranger.token}").status == 429


def test_two_servers_never_write_one_log(address: str, client: Client, out: Path) -> None:
    client.state()
    with serving(out) as own:
        answer = Client(own).log_in().get(f"{API}/state")
        assert answer.status == 409 and "another `nescio review`" in answer.json["error"]
    with serving(out, "bob") as own:
        assert Client(own).log_in().state()["reader"] == "bob"


def test_the_original_must_be_the_proposed_file(tmp_path: Path) -> None:
    pdf, _, _ = propose(tmp_path)
    list_original(tmp_path / "out", pdf)
    pdf.write_bytes(pdf.read_bytes() + b"\n")
    with serving(tmp_path / "out") as own:
        answer = Client(own).log_in().get(f"{API}/state")
        assert answer.status == 409 and "not the file" in answer.json["error"]


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """An output folder of one's own."""
    pdf, _, _ = propose(tmp_path)
    list_original(tmp_path / "out", pdf)
    return tmp_path / "out"


def test_originals_that_moved_are_found_in_the_inbox(tmp_path: Path) -> None:
    pdf, _, _ = propose(tmp_path)
    list_original(tmp_path / "out", pdf)
    (tmp_path / "new").mkdir()
    pdf.rename(tmp_path / "new" / pdf.name)
    with serving(tmp_path / "out") as own:
        answer = Client(own).log_in().get(f"{API}/state")
        assert answer.status == 409 and "--inbox" in answer.json["error"]
    with serving(tmp_path / "out", inbox=str(tmp_path / "new")) as own:
        assert Client(own).log_in().state()["doc"] == DOC


def test_decisions_are_undone_one_by_one(fresh: Path) -> None:
    with serving(fresh) as own:
        client = Client(own).log_in()
        client.do(**VERDICT)
        client.do(do="verdict", marks=["0.0", "1.1"], verdict="accepted")
        said = client.do(do="label", marks=["1.1"], label="FACILITY")
        assert said["marks"] == {"1.1": ["accepted", "FACILITY"]}
        assert said["progress"]["decided"] == 2
        said = client.do(do="undo", event=said["undo"])
        assert said["marks"] == {"1.1": ["accepted", "NAME"]}
        said = client.do(do="undo", event=said["undo"])
        assert said["marks"] == {"0.0": ["rejected", "NAME"], "1.1": ["", "NAME"]}
        said = client.do(do="undo", event=said["undo"])
        assert said["marks"] == {"0.0": ["", "NAME"]} and said["undo"] == 0


def test_a_killed_server_loses_no_decision(fresh: Path) -> None:
    program = Path(sys.executable).with_name("nescio")
    command = [str(program), "review", str(fresh), "--reader", "alice"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            text = process.stdout.readline() + process.stdout.readline()
            client = Client(re.search(r"http\S+", text)[0]).log_in()  # type: ignore[index]
            client.state()
            client.do(**VERDICT)
            client.do(do="add", label="NAME", places=[PLACE])
            client.do(do="verdict", marks=["1.1"], verdict="accepted")
        finally:
            process.send_signal(signal.SIGKILL)
    (path,) = (fresh / "private" / "review" / DOC).glob("*.alice.jsonl")
    with path.open("ab") as log:  # what a crash in the middle of a write leaves
        log.write(b'{"n":4,"do":"verd')
    with (fresh / audit.AUDIT_KEY).open("ab") as log:
        log.write(b'{"number":5,"ti')
    with serving(fresh) as own:
        client = Client(own).log_in()
        state = client.state()
        verdicts = {item["id"]: item["verdict"] for item in state["items"]}
        assert verdicts == {"0.0": "rejected", "1.1": "accepted", "2.0": "", "3.1": ""}
        assert [mark["id"] for mark in state["added"]] == ["+2.0"]
        client.do(do="verdict", marks=["2.0"], verdict="accepted")
    assert [json.loads(line)["n"] for line in path.read_bytes().splitlines()] == [1, 2, 3, 4]
    assert audit.check_trail(str(fresh)).entries == 6  # opened twice, four decisions
    assert path.stat().st_mode & 0o777 == 0o600


def texts(path: Path) -> list[str]:
    with pymupdf.open(path) as document:
        return [" ".join(page.get_text().split()) for page in document]


def test_accepting_everything_releases_the_same_file_as_no_review(tmp_path: Path) -> None:
    pdf, _, redactions = propose(tmp_path)
    list_original(tmp_path / "out", pdf)
    with serving(tmp_path / "out") as own:
        client = Client(own).log_in()
        marks = [item["id"] for item in client.state()["items"]]
        client.do(do="verdict", marks=marks, verdict="accepted")
        answer = client.post(f"{API}/release", {})
    assert answer.status == 200, answer.body
    file = tmp_path / "out" / answer.json["file"]
    plain = tmp_path / "plain.pdf"
    redact_document(pdf, plain, redactions)
    assert texts(file) == texts(plain)
    with pymupdf.open(plain) as one, pymupdf.open(file) as other:
        for a, b in zip(one, other, strict=True):
            assert a.get_pixmap(dpi=100).samples == b.get_pixmap(dpi=100).samples
    certificate = json.loads(file.with_suffix(".certificate.json").read_text())
    assert certificate["review"]["accepted"] == 4 and certificate["review"]["undecided"] == 0
    head = audit.check_trail(str(tmp_path / "out"))
    assert certificate["audit"] == {"entries": head.entries, "last_hash": head.hash}


def test_what_was_decided_is_what_is_released(fresh: Path) -> None:
    with serving(fresh) as own:
        client = Client(own).log_in()
        client.do(do="verdict", marks=["0.0"], verdict="rejected")
        hits = []
        while not hits:  # the words are read in the background
            hits = client.post(f"{API}/search", {"text": OTHER_NAME, "whole": True}).json["hits"]
        assert [hit["page"] for hit in hits] == [0, 1]
        client.do(do="add", label="NAME", places=hits[:1])
        client.do(do="label", marks=["1.1"], label="FACILITY")
        asked = client.post(f"{API}/release", {"others": "ask"})
        assert asked.status == 409 and asked.json["pages"] == [1]
        done = client.post(f"{API}/release", {"others": "cover"})
    assert done.status == 200, done.body
    counts = {name: number for name, number in done.json["counts"].items() if number}
    wanted = {"accepted": 3, "rejected": 1, "added": 1, "others_covered": 1, "conflicts": 1}
    assert counts == wanted | {"relabelled": 1, "undecided": 3}
    first, second = texts(fresh / done.json["file"])
    assert NAME in first and NAME not in second
    assert OTHER_NAME not in first + second and NUMBER not in first + second


def test_a_proposal_that_was_replaced_meanwhile_is_not_released(fresh: Path) -> None:
    path = fresh / proposal_key(DOC, "json")
    with serving(fresh) as own:
        client = Client(own).log_in()
        client.do(**VERDICT)
        record = json.loads(path.read_text())
        path.write_text(json.dumps(record | {"token": "0" * 24}))
        answer = client.post(f"{API}/release", {})
    assert answer.status == 409 and "taken the place" in answer.json["error"]
    assert not list(fresh.glob("released/*"))


def test_the_audit_trail_shows_what_was_done_to_it(fresh: Path) -> None:
    with serving(fresh) as own:
        client = Client(own).log_in()
        client.do(**VERDICT)
        client.do(do="add", label="NAME", places=[PLACE | {"text": OTHER_NAME}])
        client.do(do="page", page=1, checked=True)
    path = fresh / audit.AUDIT_KEY
    lines = path.read_bytes().splitlines(keepends=True)
    entries = [json.loads(line) for line in lines]
    assert [entry["action"] for entry in entries] == ["opened", "rejected", "added", "page_checked"]
    assert {entry["who"] for entry in entries} == {"alice"}
    assert {entry["document"] for entry in entries} == {DOC}
    assert not any(text.encode() in path.read_bytes() for text in (NAME, OTHER_NAME, NUMBER))
    assert audit.check_trail(str(fresh)).entries == 4

    shown = CliRunner().invoke(app, ["audit", str(fresh), "--show"])
    assert shown.exit_code == 0 and "4 entries" in shown.output and NAME not in shown.output
    damaged = {
        2: [lines[0], lines[1].replace(b"rejected", b"accepted"), *lines[2:]],
        3: [*lines[:2], lines[3]],
        1: lines[1:],
        4: [*lines[:3], lines[2], lines[3]],
    }
    for number, changed in damaged.items():
        path.write_bytes(b"".join(changed))
        with pytest.raises(ConfigurationError, match=f"broken at entry {number}"):
            audit.check_trail(str(fresh))


def test_a_damaged_log_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "private" / "log.jsonl"
    path.parent.mkdir()
    path.write_bytes(b"rubbish\n")
    with pytest.raises(ConfigurationError, match="damaged"):
        DecisionLog(path)
    assert path.read_bytes() == b"rubbish\n"
