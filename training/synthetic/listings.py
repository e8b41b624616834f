"""Subject listings of a study report: tables whose rows are subjects, visits or events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

from training.synthetic.grid import Column
from training.synthetic.study import Study, Subject
from training.synthetic.text import Text, Textual, mention

Row = Sequence[Textual]


class Listing(NamedTuple):
    """A listing: number and title, columns, and the rows of one subject."""

    title: str
    columns: list[Column]
    rows_of: Callable[[Study, Subject], list[Row]]


def _date(study: Study, subject: Subject, shift: int) -> Text:
    day = subject.first_dose + dt.timedelta(days=shift)
    return study.habits.short(day, "visit", subject.number)


def _age(subject: Subject) -> Text:
    return mention(str(subject.age), "AGE", "", subject.number)


def _sex(subject: Subject) -> str:
    return "F" if subject.female else "M"


def _arm(study: Study, subject: Subject) -> str:
    return f"{study.product} 10 mg" if subject.active else "Placebo"


def _demographics(study: Study, subject: Subject) -> list[Row]:
    birth = study.habits.short(subject.birth, "birth", subject.number)
    return [
        [
            study.sid(subject),
            study.site_number(subject.site),
            birth,
            _age(subject),
            _sex(subject),
            subject.race,
            study.country(subject.site, subject.number),
            str(subject.height),
            str(subject.weight),
        ]
    ]


def _disposition(study: Study, subject: Subject) -> list[Row]:
    rng = study.rng
    last = rng.choice((168, 168, 168, rng.randint(3, 160)))
    status = (
        "Completed"
        if last == 168
        else rng.choice(
            ("Adverse event", "Withdrew consent", "Lost to follow-up", "Death", "Lack of efficacy")
        )
    )
    consent = _date(study, subject, -rng.randint(7, 28))
    return [
        [
            study.usubjid(subject),
            _arm(study, subject),
            consent,
            _date(study, subject, 0),
            _date(study, subject, last),
            status,
        ]
    ]


def _events(study: Study, subject: Subject) -> list[Row]:
    rng = study.rng
    rows: list[Row] = []
    for _ in range(rng.randint(1, 4)):
        start = rng.randint(1, 150)
        stop = start + rng.randint(1, 20)
        ongoing = rng.random() < 0.15
        rows.append(
            [
                study.sid(subject),
                _sex(subject),
                rng.choice(study.words["mild_events"]),
                _date(study, subject, start),
                "Ongoing" if ongoing else _date(study, subject, stop),
                str(rng.choice((1, 1, 2, 3))),
                rng.choice(("No", "No", "Yes")),
                "Not recovered" if ongoing else "Recovered",
            ]
        )
    return rows


def _labs(study: Study, subject: Subject) -> list[Row]:
    rng = study.rng
    rows: list[Row] = []
    for index, visit in enumerate(rng.sample(study.words["visits"], rng.randint(2, 5))):
        name, unit, low, high, reference = rng.choice(study.words["labs"])
        rows.append(
            [
                study.sid(subject),
                visit,
                _date(study, subject, index * 28),
                name,
                f"{rng.uniform(low, high):.1f}",
                unit,
                reference,
                rng.choice(("", "", "", "H", "L")),
            ]
        )
    return rows


def _medicines(study: Study, subject: Subject) -> list[Row]:
    rng = study.rng
    rows: list[Row] = []
    for name in rng.sample(study.words["medicines"], rng.randint(1, 3)):
        start = _date(study, subject, -rng.randint(20, 900))
        stop: Textual = "Continuing"
        if rng.random() < 0.3:
            stop = _date(study, subject, rng.randint(1, 120))
        indication = rng.choice(study.words["histories"])
        rows.append([study.sid(subject), name.capitalize(), indication, start, stop])
    return rows


def _exposure(study: Study, subject: Subject) -> list[Row]:
    rng = study.rng
    days = rng.choice((168, 168, rng.randint(2, 160)))
    kit = mention(f"K{rng.randint(10000, 99999)}", "ID", "device", subject.number)
    return [
        [
            study.sid(subject),
            mention(subject.initials, "NAME", "patient", subject.number),
            _arm(study, subject),
            _date(study, subject, 0),
            _date(study, subject, days),
            str(days + 1),
            kit,
        ]
    ]


LISTINGS = (
    Listing(
        "Listing 16.2.4.1 Demographic data",
        [
            Column("Subject", 1.5), Column("Site", 0.8), Column("Date of birth", 1.5),
            Column("Age (y)", 0.8, "right"), Column("Sex", 0.6, "center"), Column("Race", 1.9),
            Column("Country", 1.6), Column("Height (cm)", 0.9, "right"),
            Column("Weight (kg)", 0.9, "right"),
        ],
        _demographics,
    ),
    Listing(
        "Listing 16.2.1.1 Subject disposition",
        [
            Column("USUBJID", 2.2), Column("Treatment", 1.6), Column("Informed consent", 1.5),
            Column("First dose", 1.5), Column("Last dose", 1.5), Column("Status", 1.8),
        ],
        _disposition,
    ),
    Listing(
        "Listing 16.2.7.1 Treatment-emergent adverse events",
        [
            Column("Subject", 1.4), Column("Sex", 0.6, "center"), Column("Preferred term", 2.4),
            Column("Start", 1.5), Column("End", 1.5), Column("Gr.", 0.5, "center"),
            Column("Rel.", 0.6, "center"), Column("Outcome", 1.5),
        ],
        _events,
    ),
    Listing(
        "Listing 16.2.8.1 Laboratory values by subject and visit",
        [
            Column("Subject", 1.4), Column("Visit", 1.5), Column("Date", 1.5),
            Column("Parameter", 1.6), Column("Value", 0.9, "right"), Column("Unit", 1.1),
            Column("Reference", 1.2), Column("Flag", 0.6, "center"),
        ],
        _labs,
    ),
    Listing(
        "Listing 16.2.9.1 Concomitant medication",
        [
            Column("Patient ID", 1.4), Column("Medication", 1.8), Column("Indication", 2.8),
            Column("Start date", 1.5), Column("Stop date", 1.5),
        ],
        _medicines,
    ),
    Listing(
        "Listing 16.2.5.1 Exposure and drug accountability",
        [
            Column("Subject ID", 1.5), Column("Initials", 0.8), Column("Treatment", 1.8),
            Column("First dose", 1.5), Column("Last dose", 1.5), Column("Days", 0.7, "center"),
            Column("Kit no.", 1.1),
        ],
        _exposure,
    ),
)  # fmt: skip
