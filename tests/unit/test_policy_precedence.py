"""One order of precedence; overlaps end so that nothing that must be hidden comes to light."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_inputs import document, judge, outcome, policy_of, preview

from nescio.policy import load_policy
from nescio.policy.precedence import ORDER, Mention, settle
from nescio.tables import SOURCES

TEXT = "abc def ghi jkl mno pqr stu"
HIDDEN = "███"


def mention(start: int, end: int, label: str = "NAME", kind: str = "", score: float = 0.9,
            source: str = "tagger") -> Mention:  # fmt: skip
    return Mention(0, start, end, label, kind, score, (source,))


def hides(found: Mention) -> bool:
    return found.label != "FACILITY"


SPANS = st.builds(
    lambda start, length, label, score, source: mention(
        start, min(start + length, len(TEXT)), label, "", score, source
    ),
    st.integers(0, len(TEXT) - 1),
    st.integers(1, 9),
    st.sampled_from(["NAME", "DATE", "ID", "FACILITY"]),
    st.floats(0.3, 1),
    st.sampled_from(["tagger", "pattern", "reference", "carryover"]),
)


@given(st.lists(SPANS, max_size=8))
def test_settled_mentions_never_overlap(found: list[Mention]) -> None:
    settled = settle(found, hides, TEXT)
    assert all(a.end <= b.start for a, b in pairwise(settled))


@given(st.lists(SPANS, max_size=8))
def test_every_letter_that_a_hidden_mention_covered_is_still_hidden(found: list[Mention]) -> None:
    must = {place for m in found if hides(m) for place in range(m.start, m.end)}
    settled = settle(found, hides, TEXT)
    covered = {place for m in settled if hides(m) for place in range(m.start, m.end)}
    assert {place for place in must if TEXT[place].isalnum()} <= covered


@given(st.permutations([mention(0, 7), mention(4, 11, "DATE"), mention(8, 15, "ID", score=0.5),
                        mention(0, 3, source="pattern"), mention(16, 19, "FACILITY")]))  # fmt: skip
def test_the_order_in_which_detectors_report_does_not_matter(found: list[Mention]) -> None:
    assert settle(found, hides, TEXT) == settle(sorted(found, key=repr), hides, TEXT)


def test_every_source_has_a_place_in_the_order() -> None:
    assert set(ORDER) == set(SOURCES)


@pytest.mark.parametrize(
    ("better", "worse"),
    [("reviewer", "deny"), ("deny", "reference"), ("reference", "pattern"),
     ("pattern", "tagger"), ("tagger", "lexicon"), ("lexicon", "carryover")],
)  # fmt: skip
def test_where_labels_disagree_the_better_source_is_believed(better: str, worse: str) -> None:
    found = [mention(0, 7, "DATE", source=better), mention(0, 7, "ID", score=1.0, source=worse)]
    assert [m.label for m in settle(found, hides, TEXT)] == ["DATE"]


def test_mentions_of_one_label_unite_with_all_their_sources() -> None:
    settled = settle([mention(0, 7), mention(4, 11, score=0.99, source="pattern")], hides, TEXT)
    assert [(m.start, m.end, m.score, m.sources) for m in settled] == [
        (0, 11, 0.99, ("pattern", "tagger"))
    ]


def test_what_the_loser_covers_beyond_the_winner_stays_hidden() -> None:
    settled = settle([mention(0, 11), mention(4, 7, "ID", source="reference")], hides, TEXT)
    assert [(m.start, m.end, m.label) for m in settled] == [
        (0, 3, "NAME"), (4, 7, "ID"), (8, 11, "NAME"),
    ]  # fmt: skip


def test_a_kind_that_is_hidden_wins_over_one_that_is_kept() -> None:
    decisions = judge(
        document("[NAME.investigator@reference|Ann Lee]", sections=("authors",)), "ema-0070"
    )
    assert decisions["action"].to_pylist() == ["keep"]
    source = document("[NAME.investigator@reference|Ann Lee]", sections=("authors",))
    row = source.spans.to_pylist()[0] | {"kind": "patient", "sources": ["tagger"]}
    both = source._replace(spans=source.spans.from_pylist([row, *source.spans.to_pylist()],
                                                          schema=source.spans.schema))  # fmt: skip
    assert judge(both, "ema-0070")["action"].to_pylist() == ["label"]


def test_a_span_below_its_threshold_is_no_decision(tmp_path: Path) -> None:
    policy = policy_of(
        tmp_path,
        "extends: everything\nthreshold: 0.5\nentities: {DATE: {action: remove, threshold: 0.7}}\n",
    )
    decisions = judge(document("[NAME:0.49|a] [NAME:0.5|b] [DATE:0.69|c] [DATE:0.7|d]"), policy)
    assert decisions["start"].to_pylist() == [2, 6]


def lists(folder: Path, allow: str = "", deny: str = "", base: str = "everything") -> Path:
    (folder / "allow.txt").write_text(allow, encoding="utf-8")
    (folder / "deny.txt").write_text(deny, encoding="utf-8")
    path = folder / "lists.yaml"
    path.write_text(f"extends: {base}\nlists: {{allow: [allow.txt], deny: [deny.txt]}}\n")
    return path


def test_the_allow_list_lifts_what_lies_inside_one_of_its_phrases(tmp_path: Path) -> None:
    policy = load_policy(str(lists(tmp_path, allow="Parkinson disease\n")))
    marked = "[NAME|Parkinson] Disease, Mr. [NAME|Parkinson], [NAME|Parkinson]\n  disease"
    assert outcome(marked, policy) == f"Parkinson Disease, Mr. {HIDDEN}, Parkinson\n  disease"


def test_an_allowed_phrase_may_be_bound_to_an_entity(tmp_path: Path) -> None:
    policy = load_policy(str(lists(tmp_path, allow="May\tDATE\n")))
    assert outcome("[NAME|May] in [DATE|May]", policy) == f"{HIDDEN} in May"


def test_the_deny_list_hides_whole_words_whatever_detectors_say(tmp_path: Path) -> None:
    policy = load_policy(str(lists(tmp_path, deny="falcon\nJosé Núñez\tNAME.patient\n")))
    source = document("Falcon, falconry, JOSE  NUNEZ.")
    decisions = judge(source, policy)
    assert preview(source.paragraphs, decisions) == [f"{HIDDEN}, falconry, {HIDDEN}."]
    assert decisions["sources"].to_pylist() == [["deny"], ["deny"]]
    assert decisions["kind"].to_pylist() == ["deny", "patient"]


def test_the_deny_list_wins_over_the_allow_list(tmp_path: Path) -> None:
    policy = load_policy(str(lists(tmp_path, allow="Falcon Project\n", deny="Falcon\n")))
    assert outcome("the Falcon Project", policy) == f"the {HIDDEN} Project"


def test_the_deny_list_hides_even_an_entity_that_the_policy_keeps(tmp_path: Path) -> None:
    policy = load_policy(str(lists(tmp_path, deny="Oregon\tLOCATION.state\n", base="safe-harbor")))
    marked = "[LOCATION.state|Oregon], [LOCATION.state|Texas]"
    assert outcome(marked, policy) == f"{HIDDEN}, Texas"


def test_decisions_keep_scores_and_all_sources() -> None:
    decisions = judge(document("[NAME:0.75@tagger+lexicon|Jo Bell]"), "everything")
    assert decisions["sources"].to_pylist() == [["tagger", "lexicon"]]
    assert decisions["score"].to_pylist() == [0.75]


def test_mentions_are_numbered_without_gaps_in_each_document() -> None:
    decisions = judge(document("[NAME|Jo] [AGE|4]", "[DATE|1999]"), "safe-harbor")
    assert decisions["mention"].to_pylist() == [0, 1, 2]


def kinds_of(*marked: str, people: dict[tuple[str, int, int, int], int] | None = None) -> list[str]:
    sections = ("title_page",) * len(marked)
    decisions = judge(document(*marked, sections=sections), "ema-0070", people=people)
    return [str(kind) for kind in decisions["kind"].to_pylist()]


def test_an_id_written_the_same_has_one_kind_in_a_document() -> None:
    marked = ["[ID.study_id|CJ-1605]", "[ID.account|CJ-1605]", "[ID|cj1605] [ID.study_id|CJ-1605]"]
    assert kinds_of(*marked) == ["study_id"] * 4


def test_of_two_kinds_with_equal_scores_the_hidden_one_counts() -> None:
    assert kinds_of("[ID.study_id|CJ-1605]", "[ID.account|CJ-1605]") == ["account"] * 2


def test_a_name_without_role_takes_that_of_its_person() -> None:
    marked = [
        "[NAME.investigator|Ann Lee] [NAME.investigator|Lee]",
        "[NAME|Lee]",
        "[NAME.staff|Lee]",
    ]
    people = {("d-1", 0, 0, 7): 0, ("d-1", 0, 8, 11): 0, ("d-1", 1, 0, 3): 0, ("d-1", 2, 0, 3): 0}
    assert kinds_of(*marked, people=people)[2:] == ["investigator", "staff"]


def test_a_person_who_is_a_patient_anywhere_is_one_wherever_no_role_shows() -> None:
    marked = [
        "[NAME.investigator|Ann Lee] [NAME.investigator|Lee]",
        "[NAME.patient|Lee]",
        "[NAME|A. L.]",
    ]
    people = {("d-1", 0, 0, 7): 0, ("d-1", 0, 8, 11): 0, ("d-1", 1, 0, 3): 0, ("d-1", 2, 0, 5): 0}
    assert kinds_of(*marked, people=people)[3] == "patient"
