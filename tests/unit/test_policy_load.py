"""Policies: what is wrong is said in one line that names line and field."""

from __future__ import annotations

from pathlib import Path

import pytest
from policy_inputs import policy_of

from nescio.errors import ConfigurationError, ExitCode
from nescio.policy import BUILT_IN, load_policy

BASE = "name: mine\ntitle: Mine\n"


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_policy_loads_under_its_own_name(name: str) -> None:
    assert load_policy(name).name == name


@pytest.mark.parametrize(
    ("text", "line", "field", "says"),
    [
        (BASE + "entities:\n  NAM: remove\n", 4, "entities.NAM", "unknown entity NAM"),
        (BASE + "entities:\n  ID.pet: remove\n", 4, "entities.ID.pet", "kinds of ID: mrn"),
        (BASE + "entities:\n  NAME: hide\n", 4, "entities.NAME.action", "'remove'"),
        (BASE + "entities: {}\nthreshold: 2\n", 4, "threshold", "less than or equal to 1"),
        (BASE + "entities: {}\nstile: box\n", 4, "stile", "not permitted"),
        (BASE + "entities: {}\nstyle: black\n", 4, "style", "'box'"),
        (BASE + "entities: {NAME: {action: shift}}\n", 3, "entities", "only dates can be shifted"),
        (BASE + "entities:\n  DATE: surrogate\n", 4, "entities", "use shift"),
        (BASE + "entities:\n  AGE: generalise\n", 4, "entities", "needs `to`"),
        (BASE + "entities:\n  AGE: {action: generalise, to: year}\n", 4, "entities", "cannot be"),
        (BASE + "entities: {}\nmerges:\n  patient: [x]\n", 4, "merges", "unknown entity ID.pat"),
        (BASE + "entities: {}\nscopes:\n  - name: a\n", 5, "scopes.0", "names sections"),
        (
            BASE + "entities: {}\nscopes:\n  - name: a\n    kinds: [boddy]\n",
            6, "scopes.0.kinds", "unknown kind boddy",
        ),
        (BASE + "entities: {}\ntitle: Again\n", 4, "title", "given twice"),
        (BASE + "entities: {NAME: [\n", None, "", "not YAML"),
        ("- NAME\n", 1, "", "mapping of fields"),
        ("", 1, "", "mapping of fields"),
        ("extends: safe-haven\n", 1, "extends", "give everything"),
        (
            BASE + "basis: safe-harbor\nentities:\n  NAME: label\n  DATE: shift\n",
            6, "", "shifting dates is not Safe Harbor",
        ),
        (
            "extends: safe-harbor\nentities:\n  DATE: {action: shift, days: 30}\n",
            3, "", "shifting dates is not Safe Harbor",
        ),
        (
            "extends: safe-harbor\nentities:\n  ID.mrn: keep\n",
            3, "", "ID.mrn: Safe Harbor does not let it stay",
        ),
        (
            "extends: limited-data-set\nentities:\n  ID.ssn: keep\n",
            3, "", "a limited data set must not hold it",
        ),
        (
            "extends: safe-harbor\nstaff: keep\nentities:\n  NAME.staff: label\n",
            2, "", "staff: keep contradicts the rule of NAME.staff",
        ),
    ],
)  # fmt: skip
def test_a_wrong_policy_is_refused_in_one_line_with_line_and_field(
    text: str, line: int | None, field: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        policy_of(tmp_path, text)
    message = str(refused.value)
    assert "\n" not in message
    assert says in message
    assert (f"line {line}" if line else "policy file") in message
    assert field in message
    assert refused.value.exit_code == ExitCode.USAGE


def test_a_name_that_no_policy_has_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="safe-harbor"):
        load_policy("safe-haven")


def test_a_policy_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_policy(str(tmp_path / "none.yaml"))


def test_an_extension_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    base = load_policy("safe-harbor")
    mine = policy_of(tmp_path, "extends: safe-harbor\nname: mine\nentities:\n  NAME: remove\n")
    assert mine.rule("NAME", "patient").action == "remove"
    assert mine.entities | {"NAME": base.entities["NAME"]} == base.entities
    assert mine.basis == base.basis


def test_the_hash_is_that_of_the_content_not_of_its_layout(tmp_path: Path) -> None:
    one = policy_of(tmp_path, BASE + "entities:\n  NAME: label\n  AGE: remove\n")
    layout = "# note\ntitle: Mine\nentities: {AGE: remove, NAME: {action: label}}\nname: mine\n"
    two = policy_of(tmp_path, layout)
    other = policy_of(tmp_path, BASE + "entities:\n  NAME: label\n  AGE: keep\n")
    assert one.hash == two.hash
    assert one.hash != other.hash


def test_the_hash_covers_the_phrases_of_lists_but_not_where_they_are_stored(
    tmp_path: Path,
) -> None:
    text = BASE + "entities: {}\nlists: {deny: [%s]}\n"
    (tmp_path / "a.txt").write_text("Falcon\nOsprey\n")
    (tmp_path / "b.txt").write_text("# birds\nOsprey\nFalcon\n")
    (tmp_path / "c.txt").write_text("Falcon\n")
    a, b, c = (policy_of(tmp_path, text % name) for name in ("a.txt", "b.txt", "c.txt"))
    assert a.hash == b.hash
    assert a.hash != c.hash


def test_a_list_with_an_unknown_entity_is_refused_by_line_without_its_phrase(
    tmp_path: Path,
) -> None:
    (tmp_path / "deny.txt").write_text("Falcon\nOsprey\tBIRD\n")
    with pytest.raises(ConfigurationError) as refused:
        policy_of(tmp_path, BASE + "entities: {}\nlists: {deny: [deny.txt]}\n")
    assert "line 2" in str(refused.value)
    assert "Osprey" not in str(refused.value)


def test_words_of_the_phuse_standard_mean_their_actions(tmp_path: Path) -> None:
    policy = policy_of(
        tmp_path,
        BASE + "entities: {ID.subject_id: RECODE_ID, DATE: {action: OFFSET, days: 60}, "
        "AGE: AGE_BANDS, LOCATION.country: COUNTRY_POOL, NAME: DROP, FACILITY: KEEP}\n",
    )
    actions = [policy.rule(*entity.split("."), *[""] * (1 - entity.count("."))).action
               for entity in policy.entities]  # fmt: skip
    assert actions == ["surrogate", "shift", "generalise", "generalise", "remove", "keep"]
    assert policy.rule("DATE", "").days == 60


def test_a_kind_without_a_rule_has_that_of_its_label_and_then_the_default(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, BASE + "default: label\nentities: {NAME: keep}\n")
    assert policy.rule("NAME", "patient").action == "keep"
    assert policy.rule("ID", "mrn").action == "label"
