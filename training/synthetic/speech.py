"""Words of a clinical study report: fills the templates of ``data/report.yaml``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random

from training.synthetic import slots
from training.synthetic.cast import Actor
from training.synthetic.fill import fill
from training.synthetic.sources import data
from training.synthetic.study import Study, Subject
from training.synthetic.text import Text, Textual, join, mention


def say(study: Study, template: str) -> Text:
    """Fill a template; subjects that it speaks of are drawn."""
    return fill(template, Speech(study, study.any_subject()).lookup, study.rng)


def narrative(study: Study, subject: Subject) -> list[Text]:
    """Tell one subject's serious adverse event, in one to three paragraphs."""
    speech, rng = Speech(study, subject), study.rng
    parts = [
        fill(rng.choice(study.words["narrative"][part]), speech.lookup, rng)
        for part in ("opening", "history", "event", "workup", "outcome")
    ]
    cuts = rng.choice(((5,), (2, 5), (2, 4, 5), (1, 4, 5)))
    starts = (0, *cuts[:-1])
    return [join(" ", parts[start:stop]) for start, stop in zip(starts, cuts, strict=True)]


class Speech:
    """Answers slots about a study and one subject; an adverse event's dates stay in order."""

    def __init__(self, study: Study, subject: Subject) -> None:
        self.study = study
        self.subject = subject
        self.day_number = study.rng.randint(2, 160)
        self.onset = subject.first_dose + dt.timedelta(days=self.day_number - 1)
        self.resolved = self.onset + dt.timedelta(days=study.rng.randint(3, 40))
        self.event = study.rng.choice(study.words["events"])

    def lookup(self, slot: str) -> Textual:
        """Answer one slot.

        Raises:
            KeyError: no such slot.
        """
        name, _, form = slot.partition(".")
        actors = self._actors()
        if name in actors:
            return self._of_actor(actors[name], form)
        if form:
            return self._date(name, form)
        simple = _SIMPLE.get(name)
        return simple(self.study, self.subject) if simple else self._of_event(name)

    def _actors(self) -> dict[str, Actor]:
        study = self.study
        return {
            "ci": study.coordinator,
            "inv": self.subject.site.investigator,
            "inv1": study.sites[0].investigator,
            "mm": study.monitor,
            "writer": study.writer,
            "stat": study.statistician,
            "dm": study.manager,
        }

    def _of_actor(self, actor: Actor, form: str) -> Textual:
        site = next((site for site in self.study.sites if site.investigator is actor), None)
        if site is not None and form in ("facility", "country", "city"):
            if form == "city":
                return mention(site.city, "LOCATION", "city", actor.number)
            return getattr(self.study, form)(site)  # type: ignore[no-any-return]
        return getattr(actor, form)  # type: ignore[no-any-return]

    def _date(self, name: str, form: str) -> Text:
        study, person = self.study, self.subject.number
        milestones = {
            "first": study.started,
            "lastsub": study.ended,
            "approval": study.started - dt.timedelta(days=70),
            "amend": study.started + dt.timedelta(days=200),
            "lock": study.ended + dt.timedelta(days=60),
            "sap": study.ended + dt.timedelta(days=30),
        }
        write: Callable[..., Text] = getattr(study.habits, form)
        if name in milestones:
            return write(milestones[name], "milestone")
        own = {
            "rand": self.subject.first_dose,
            "onset": self.onset,
            "resolved": self.resolved,
            "birth": self.subject.birth,
            "onedate": self.onset,
            "onedate2": self.resolved,
        }
        return write(own[name], "birth" if name == "birth" else "visit", person)

    def _of_event(self, name: str) -> Textual:
        study, rng = self.study, self.study.rng
        if name in ("lab", "lab2", "lab_c"):
            return _lab(rng)
        if name in ("event", "event_c"):
            lower = self.event[0].lower() + self.event[1:]
            eponym = self.event.split()[0].endswith("'s") or "-" in self.event.split()[0]
            return self.event if eponym or name == "event_c" else lower
        if name == "day":
            return str(self.day_number)
        if name == "facility":
            return mention(slots.draw_facility(rng, study.cast.split), "FACILITY")
        if name == "city":
            return mention(self.subject.site.city, "LOCATION", "city", self.subject.number)
        return str(rng.choice(_LISTS[name](study)))


def _lab(rng: Random) -> str:
    name, unit, low, high, reference = rng.choice(data("report")["labs"])
    value = rng.uniform(low, high)
    return f"{name} {value:.1f} {unit} (reference {reference})"


def _numbers(low: int, high: int) -> Callable[[Study, Subject], Textual]:
    return lambda study, subject: str(study.rng.randint(low, high))


def _other(study: Study, subject: Subject) -> Text:
    return study.sid(study.any_subject())


_SIMPLE: dict[str, Callable[[Study, Subject], Textual]] = {
    "study": lambda study, subject: study.study,
    "study0": lambda study, subject: mention(study.code[:-2] + "07", "ID", "study_id"),
    "sponsor": lambda study, subject: study.sponsor,
    "vendor1": lambda study, subject: study.vendor(0),
    "vendor2": lambda study, subject: study.vendor(1),
    "product": lambda study, subject: study.product,
    "phase": lambda study, subject: study.phase,
    "indication": lambda study, subject: study.indication,
    "endpoint": lambda study, subject: study.endpoint,
    "sites": lambda study, subject: str(len(study.sites)),
    "countries": lambda study, subject: str(len({site.country for site in study.sites})),
    "total": _numbers(240, 990),
    "screened": _numbers(1010, 1600),
    "withdrawn": _numbers(20, 80),
    "deviations": _numbers(8, 40),
    "deaths": lambda study, subject: study.rng.choice(("two", "three", "no", "five")),
    "n": _numbers(12, 240),
    "grade": _numbers(3, 4),
    "site": lambda study, subject: study.site_number(subject.site),
    "site1": lambda study, subject: study.site_number(study.sites[0]),
    "country": lambda study, subject: study.country(subject.site, subject.number),
    "ref1": lambda study, subject: _cited(study, 0),
    "ref2": lambda study, subject: _cited(study, 1),
    "sid": lambda study, subject: study.sid(subject),
    "sid2": _other,
    "sid_a": _other,
    "sid_b": _other,
    "sid_c": _other,
    "sidlist": lambda study, subject: join(", ", [_other(study, subject) for _ in range(3)]),
    "usubjid": lambda study, subject: study.usubjid(subject),
    "sid_short": lambda study, subject: mention(subject.short, "ID", "subject_id", subject.number),
    "sid_word": lambda study, subject: study.sid_word,
    "subject_initials": lambda study, subject: mention(
        subject.initials, "NAME", "patient", subject.number
    ),
    "age": lambda study, subject: mention(str(subject.age), "AGE", "", subject.number),
    "sex": lambda study, subject: "female" if subject.female else "male",
    "race": lambda study, subject: subject.race,
    "He": lambda study, subject: "She" if subject.female else "He",
    "he": lambda study, subject: "she" if subject.female else "he",
    "weight": lambda study, subject: str(subject.weight),
    "arm": lambda study, subject: f"{study.product} 10 mg" if subject.active else "placebo",
}

_LISTS: dict[str, Callable[[Study], list[str]]] = {
    "history": lambda study: study.words["histories"],
    "history2": lambda study: study.words["histories"],
    "medicine": lambda study: study.words["medicines"],
    "medicine2": lambda study: study.words["medicines"],
    "outcome": lambda study: study.words["outcomes"],
    "related": lambda study: ["related", "not related", "possibly related", "unlikely related"],
}


def _cited(study: Study, index: int) -> Text:
    surname = study.references[index][0].rsplit(" ", 1)[0]
    return mention(surname, "NAME", "author") + " et al."
