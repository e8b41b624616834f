"""What the page may ask for, checked: anything else is refused before it does something."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError

from nescio.review.desk import check_label
from nescio.review.web.guard import parse

Name = Annotated[str, Field(max_length=40, pattern=r"^\+?[0-9]+\.[0-9]+$")]
Names = Annotated[list[Name], Field(min_length=1, max_length=20_000)]
Number = Annotated[int, Field(ge=0, le=1_000_000)]
Coordinate = Annotated[FiniteFloat, Field(ge=-100_000, le=100_000)]
Box = tuple[Coordinate, Coordinate, Coordinate, Coordinate]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Verdict(_Asked):
    """Marks of the proposal are accepted, rejected, or open again."""

    do: Literal["verdict"]
    marks: Names
    verdict: Literal["", "accepted", "rejected"]


class Label(_Asked):
    """Marks get another label."""

    do: Literal["label"]
    marks: Names
    label: Annotated[str, Field(max_length=20)]


class Place(_Asked):
    """Where a new mark is."""

    page: Number
    boxes: Annotated[list[Annotated[Box, Field(strict=False)]], Field(min_length=1, max_length=200)]
    text: Annotated[str, Field(max_length=2000)]


class Add(_Asked):
    """New marks."""

    do: Literal["add"]
    places: Annotated[list[Place], Field(min_length=1, max_length=500)]
    label: Annotated[str, Field(max_length=20)]


class Withdraw(_Asked):
    """Marks that were added go again."""

    do: Literal["withdraw"]
    marks: Names


class Page(_Asked):
    """A page was looked at as a whole."""

    do: Literal["page"]
    page: Number
    checked: bool


class Undo(_Asked):
    """The last change goes back."""

    do: Literal["undo"]
    event: Number


class Query(_Asked):
    """A search."""

    text: Annotated[str, Field(max_length=500)]
    whole: bool = False


class Release(_Asked):
    """A release: what is done where the text of new marks stands elsewhere, and with finds."""

    others: Literal["ask", "cover", "leave"] = "ask"
    unseen: Literal["ask", "leave"] = "ask"


Event = Annotated[Verdict | Label | Add | Withdraw | Page | Undo, Field(discriminator="do")]
_EVENT: TypeAdapter[Any] = TypeAdapter(Event)


def read_event(body: bytes) -> dict[str, Any]:
    """Return an event as the desk takes it.

    Raises:
        ValueError: it is none; the message does not quote it.
    """
    try:
        event: dict[str, Any] = _EVENT.validate_python(parse(body)).model_dump()
    except ValidationError:
        raise ValueError("not an action of this page") from None
    if "label" in event:
        check_label(event["label"])
    for place in event.get("places", ()):
        for x0, y0, x1, y1 in place["boxes"]:
            if x0 >= x1 or y0 >= y1:
                raise ValueError("a box without an area")
    return event


def read_query(body: bytes) -> Query:
    """Return a search.

    Raises:
        ValueError: it is none.
    """
    try:
        return Query.model_validate(parse(body))
    except ValidationError:
        raise ValueError("not a search") from None


def read_release(body: bytes) -> Release:
    """Return how a release is asked for.

    Raises:
        ValueError: it is not asked for.
    """
    try:
        return Release.model_validate(parse(body))
    except ValidationError:
        raise ValueError("not a release") from None
