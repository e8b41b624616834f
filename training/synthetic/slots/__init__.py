"""Fillers of synthetic records: people, names, dates, ages, ids, addresses, organisations.

Every function takes a ``random.Random`` and draws from it alone, so that a seed repeats the
output; ``split`` is ``"train"`` or ``"heldout"``: one name in ten (by a hash of the name) and the
``heldout`` lists of ``data/formats.yaml`` never appear in training text.

* ``make_person(rng, role, split, today, sex, last, ages) -> Person``: somebody with ``name``
  (``first, middle, last, nick, origin, initials, full``), ``sex``, ``birth``, ``age``, ``today``
  and, drawn once when asked for, ``place``, ``phone``, ``email``, ``url``, ``occupation``,
  ``employer``, ``credentials``, ``id(kind)``; ``word("he")`` gives the pronoun.
* ``make_name(rng, sex, split)`` and ``render_full``, ``render_short`` (Anna S.), ``render_listed``
  (SMITH, JOHN A), ``render_initials``, ``render_username``, ``render_mixed`` (any of them).
* ``draw_date(rng, first, last)``; ``render_date(rng, day, style, split, form)`` with a style of
  ``DATE_STYLES``, or an exact ``form`` such as ``"{dd}/{mm}/{yyyy}"`` to keep one document's dates
  alike; ``render_age(rng, years, style, split, his)`` returns pieces ``(text, is_span)``.
* ``render_id(rng, kind, split)`` with a kind of ``ID_KINDS``; ``render_pattern(rng, "AA-9999")``.
* ``make_place(rng, split, country) -> Place``; ``render_address(rng, place, lines)`` and
  ``render_city_state`` return ``Pieces``: ``(text, label, kind)`` with label ``""`` between spans.
* ``render_phone(rng, country)``, ``render_email``, ``render_url``, ``render_ip``,
  ``draw_facility(rng, split, place)``, ``draw_organization(rng, kind, split)``.
* ``words(name, split)``: a list of ``data/words.yaml`` (occupations, insurers, ...).

Labels of the pieces are those of ``nescio.tables.LABELS``. Titles and degrees (Dr., MD) are not
part of a NAME; the street is ADDRESS, city, state, ZIP and country are LOCATION.

``data/`` holds samples: US Census 1990 names with frequency (public domain), name lists of Faker
(MIT) in Latin letters, romanised names written by hand, GeoNames cities (CC BY 4.0), names of US
hospitals (CMS). ``build_data.py`` rebuilds the generated files.
"""

from training.synthetic.slots.dates import (
    AGE_STYLES,
    DATE_STYLES,
    draw_date,
    in_words,
    ordinal,
    render_age,
    render_date,
)
from training.synthetic.slots.ids import KINDS as ID_KINDS
from training.synthetic.slots.ids import render_id, render_pattern
from training.synthetic.slots.lists import Split, draw_format, is_held_out, words
from training.synthetic.slots.names import (
    Name,
    Sex,
    make_name,
    render_full,
    render_initials,
    render_listed,
    render_mixed,
    render_short,
    render_username,
)
from training.synthetic.slots.people import Person, make_person
from training.synthetic.slots.places import (
    Pieces,
    Place,
    draw_facility,
    draw_organization,
    make_place,
    render_address,
    render_city_state,
    render_email,
    render_ip,
    render_phone,
    render_url,
)

__all__ = [
    "AGE_STYLES",
    "DATE_STYLES",
    "ID_KINDS",
    "Name",
    "Person",
    "Pieces",
    "Place",
    "Sex",
    "Split",
    "draw_date",
    "draw_facility",
    "draw_format",
    "draw_organization",
    "in_words",
    "is_held_out",
    "make_name",
    "make_person",
    "make_place",
    "ordinal",
    "render_address",
    "render_age",
    "render_city_state",
    "render_date",
    "render_email",
    "render_full",
    "render_id",
    "render_initials",
    "render_ip",
    "render_listed",
    "render_mixed",
    "render_pattern",
    "render_phone",
    "render_short",
    "render_url",
    "render_username",
    "words",
]
