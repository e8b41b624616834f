"""Surrogates: plausible, in the same shape, consistent per person, never an original."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_inputs import document, judge, policy_of, preview

from nescio.policy import Policy
from nescio.policy.draws import comparable
from nescio.policy.shapes import same_shape
from nescio.policy.surrogate_names import parts_of

ALL = "name: mine\ntitle: Mine\ndefault: remove\nentities:\n" + "".join(
    f"  {label}: surrogate\n"
    for label in ("NAME", "ADDRESS", "LOCATION", "FACILITY", "ORGANIZATION", "ID", "PHONE",
                  "EMAIL", "URL", "IP")
)  # fmt: skip


@pytest.fixture
def policy(tmp_path: Path) -> Policy:
    return policy_of(tmp_path, ALL)


def test_every_writing_of_a_name_becomes_that_writing_of_one_surrogate(policy: Policy) -> None:
    writings = ["John A. Smith", "SMITH, JOHN A", "Mr. Smith", "J. Smith", "John", "Smith's"]
    writings.append("J.S.")
    source = document(*(f"[NAME.patient|{writing}]" for writing in writings))
    people = {("d-1", number, 0, len(text)): 7 for number, text in enumerate(writings)}
    shown = preview(source.paragraphs, judge(source, policy, people=people))
    given, middle, family = re.fullmatch(r"(\w+) (\w)\. (\w+)", shown[0]).groups()  # type: ignore[union-attr]
    assert shown == [
        f"{given} {middle}. {family}",
        f"{family}, {given} {middle}".upper(),
        f"Mr. {family}",
        f"{given[0]}. {family}",
        given,
        f"{family}'s",
        f"{given[0]}.{shown[6][2]}.",
    ]
    assert not {given.casefold(), family.casefold()} & {"john", "smith"}


@pytest.mark.parametrize(
    ("name", "shape"),
    [("HBN", r"[A-Z]{3}"), ("JR", "[A-Z]{2}"), ("E.K.H.", r"[A-Z]\.[A-Z]\.[A-Z]\."),
     ("Sanchez TC", r"[A-Z][a-zé]+ [A-Z]{2}"), ("du Pont, Al", r"du \w+, \w+"),
     ("John Smith, MD", r"\w+ \w+, MD"), ("JO BELL MD", r"[A-Z]+ [A-Z]+ MD")],
)  # fmt: skip
def test_initials_particles_and_degrees_keep_their_form(
    name: str, shape: str, policy: Policy
) -> None:
    new = judge(document(f"[NAME|{name}]"), policy)["replacement"][0].as_py()
    assert re.fullmatch(shape, new) and new != name


def test_different_people_get_different_surrogates(policy: Policy) -> None:
    families = ["Abel", "Boyd", "Cope", "Dunn", "Eads", "Ford", "Gunn", "Hale", "Ives", "Judd"]
    source = document(*(f"[NAME|Pat {family}]" for family in families))
    names = judge(source, policy)["replacement"].to_pylist()
    assert len(set(names)) == len(families)


@pytest.mark.parametrize(
    ("name", "sex", "origin"),
    [("Mrs. Petra Baumann", "female", "german"), ("Mr Rajesh Gupta", "male", "indian")],
)
def test_sex_and_origin_are_kept_where_they_are_known(
    name: str, sex: str, origin: str, policy: Policy
) -> None:
    from nescio.policy.surrogate_names import _lists

    new = judge(document(f"[NAME|{name}]"), policy)["replacement"][0].as_py()
    title, given, family = new.split()
    assert title == name.split()[0]
    assert given in _lists()[origin][sex]
    assert family in _lists()[origin]["family"]


@pytest.mark.parametrize(
    ("entity", "value", "shape"),
    [
        ("PHONE", "(617) 555-2345", r"\(\d{3}\) 555-01\d\d"),
        ("PHONE", "+44 20 7946 0958", r"\+44 \d\d \d{4} \d{4}"),
        ("PHONE.fax", "617.233.4455 ext. 12", r"\d{3}\.555\.01\d\d ext\. \d\d"),
        ("ID.ssn", "123-45-6789", r"9\d\d-[0-4]\d-\d{4}"),
        ("ID.mrn", "MRN-004512", r"[A-Z]{3}-00\d{4}"),
        ("EMAIL", "j.smith@clinic.com", r"[a-z]+\.[a-z]+@example\.org"),
        ("URL", "https://smith.example.com/a", r"https://example\.org/[a-z]{10}"),
        ("IP", "10.1.2.3", r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+"),
        ("LOCATION.zip", "02139-4307", r"\d{5}-\d{4}"),
        ("LOCATION.state", "MA", r"[A-Z]{2}"),
        ("LOCATION.city", "BOSTON", r"[A-Z ]+"),
        ("FACILITY", "Mercy General Hospital", r"[A-Z][\w ]+ Hospital"),
        ("ADDRESS", "12 Main St, Apt 4, Cambridge, MA 02139",
         r"\d\d [A-Z][\w ]+ St, Apt \d, [A-Z][\w ]+, [A-Z]{2} \d{5}"),
        ("NAME.username", "jsmith42", r"[a-z]{6}\d\d"),
    ],
)  # fmt: skip
def test_a_surrogate_has_the_shape_of_the_original(
    entity: str, value: str, shape: str, policy: Policy
) -> None:
    decisions = judge(document(f"[{entity}|{value}]"), policy)
    assert decisions["action"].to_pylist() == ["surrogate"]
    new = decisions["replacement"][0].as_py()
    assert re.fullmatch(shape, new)
    assert new != value


def test_no_surrogate_is_an_original_of_the_document(policy: Policy) -> None:
    """Ninety of the hundred two-digit ids are originals: only the other codes may be drawn."""
    source = document(*(f"[ID.subject_id|{number}]" for number in range(10, 96)))
    decisions = judge(source, policy)
    codes = [row["replacement"] for row in decisions.to_pylist() if row["action"] == "surrogate"]
    assert set(codes) <= {"96", "97", "98", "99"}
    assert len(set(codes)) == len(codes)


def test_no_surrogate_of_a_place_holds_the_name_of_a_person(policy: Policy) -> None:
    """The kept type of a street is a patient's family name here: no surrogate may show it."""
    source = document("[NAME.patient|Ann Lane] of [ADDRESS|12 Oak Lane], [ADDRESS|7 Elm Road]")
    decisions = judge(source, policy)
    assert decisions["action"].to_pylist() == ["surrogate", "label", "surrogate"]


def test_where_every_surrogate_is_an_original_a_label_stands(policy: Policy) -> None:
    source = document(*(f"[ID.subject_id|{digit}]" for digit in range(1, 10)))
    decisions = judge(source, policy)
    assert set(decisions["action"].to_pylist()) == {"label"}
    assert decisions["why"].to_pylist() == ["ID/no-surrogate"] * 9


@given(st.text(alphabet="abcXYZ0189-/. ", max_size=12))
def test_a_code_of_the_same_shape_keeps_every_other_character(text: str) -> None:
    drawn = same_shape(text)
    assert len(drawn) == len(text)
    for old, new in zip(text, drawn, strict=True):
        assert (old.isdigit(), old.isupper(), old.islower()) == (
            new.isdigit(), new.isupper(), new.islower()
        )  # fmt: skip
        assert old.isalnum() or old == new


@given(
    st.lists(st.text(alphabet="ABCDEFGHabcdefgh'-", min_size=1, max_size=8), min_size=1, max_size=4)
)
def test_every_letter_of_a_name_stands_in_one_of_its_parts(words: list[str]) -> None:
    text = " ".join(words)
    covered = {place for part in parts_of(text) for place in range(part.start, part.end)}
    assert all(place in covered for place, letter in enumerate(text) if letter.isalpha())


@pytest.mark.parametrize("name", ["Anh Do", "MA, YO", "Ba Pa"])
def test_names_that_look_like_titles_are_not_let_stand(name: str, policy: Policy) -> None:
    new = judge(document(f"[NAME|{name}]"), policy)["replacement"][0].as_py()
    words = {comparable(word) for word in re.findall(r"\w+", name)}
    assert not words & {comparable(word) for word in re.findall(r"\w+", new)}
