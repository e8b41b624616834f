"""Why a mention was decided as it was, told without a word of the document."""

from __future__ import annotations

import re

import pytest
from policy_inputs import document, judge, together

from nescio.errors import ConfigurationError
from nescio.policy import explain
from nescio.policy.explain import DETAILS

MARKED = (
    "[NAME.patient@tagger+lexicon|Wilhelmina Zubrowska], [AGE|93], of [LOCATION.zip|03601], born "
    "[DATE.birth|7 June 1931], in [LOCATION.state|Vermont], again [DATE|whitsun], [AGE|12]"
)


def test_an_explanation_names_rule_sources_score_and_place() -> None:
    decisions = judge(document(MARKED), "safe-harbor")
    said = explain(decisions, 0)
    assert said == (
        "Mention 0 (NAME.patient, page 1, 20 characters, person 0) was replaced by a numbered "
        "label. The policy's rule for NAME applies. Found by the tagger and the document's "
        "lexicon, with a score of 0.95."
    )


def test_no_explanation_holds_a_word_of_the_mention_or_its_replacement() -> None:
    decisions = judge(document(MARKED), "safe-harbor")
    words = {word for text in re.findall(r"\|([^\]]+)\]", MARKED) for word in text.split()}
    secrets = {word for word in words if word.isalpha()} | {"1931", "03601", "NAME 1"}
    assert len(secrets) == 8
    for row in decisions.to_pylist():
        said = explain(decisions, row["mention"])
        assert not any(re.search(rf"\b{word}\b", said) for word in secrets)


def test_every_detail_of_a_decision_has_its_sentence() -> None:
    decisions = judge(document(MARKED), "safe-harbor")
    details = {detail for why in decisions["why"].to_pylist() for detail in why.split("/")[1:]}
    assert details == {"shows-age-over-89", "zip3-restricted", "unreadable", "general-enough"}
    assert details <= set(DETAILS)


def test_a_mention_that_is_not_there_is_refused_in_one_line() -> None:
    decisions = judge(document(MARKED), "safe-harbor")
    with pytest.raises(ConfigurationError, match="no such mention"):
        explain(decisions, 99)


def test_of_several_documents_one_has_to_be_named() -> None:
    decisions = judge(together(document(MARKED), document(MARKED, doc="d-2")), "safe-harbor")
    with pytest.raises(ConfigurationError, match="several documents"):
        explain(decisions, 0)
    assert explain(decisions, 0, "d-2").startswith("Mention 0 (NAME.patient")
