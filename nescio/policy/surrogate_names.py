"""Names that stand for a person's: drawn once for each part of the name, set in the same shape."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Final, Literal, NamedTuple

import yaml

from nescio.policy.names import WORD, fold, words_of
from nescio.policy.shapes import RANDOM

Role = Literal["given", "family", "initial", "kept", "dropped"]
Sex = Literal["female", "male", ""]

_DROPPED: Final = frozenset({"jr", "jnr", "snr", "ii", "iii", "iv"})
_TITLES_BY_SEX: Final[dict[str, Sex]] = {
    **dict.fromkeys(("mr", "sir", "herr", "monsieur"), "male"),
    **dict.fromkeys(("mrs", "ms", "miss", "dame", "sister", "frau", "madame", "mme"), "female"),
}
DEFAULT_ORIGIN: Final = "english"
MOST_INITIALS: Final = 3
"""Capitals alone up to which they are initials, not a short name in capitals."""


class Part(NamedTuple):
    """One word of a written name."""

    start: int
    end: int
    text: str
    role: Role


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    source = resources.files("nescio.policy").joinpath("data/surrogate_names.yaml")
    lists: dict[str, dict[str, list[str]]] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return lists


@cache
def _known() -> dict[str, tuple[str, str]]:
    """Folded name -> origin and list (female, male, family) where it stands first."""
    known: dict[str, tuple[str, str]] = {}
    for origin, lists in _lists().items():
        for which in ("female", "male", "family"):
            for name in lists[which]:
                known.setdefault(fold(name), (origin, which))
    return known


@cache
def _particles() -> frozenset[str]:
    return frozenset(word for lists in _lists().values() for word in lists["particles"])


def parts_of(text: str, known: dict[str, Role] | None = None) -> list[Part]:
    """Tell the words of a written name apart.

    ``Family, Given`` and ``Given Family`` are told apart by the comma. A word alone has the role
    that it has in the person's other names (``known``, by folded word); else it is the family
    name after a title or where no list of given names has it.
    """
    words = list(_words(text))
    roles: list[Role | None] = [_fixed_role(word, text[end : end + 1]) for _, end, word in words]
    open_places = [place for place, role in enumerate(roles) if role is None]
    comma = text.find(",")
    before = [place for place in open_places if comma >= 0 and words[place][1] <= comma]
    after = [place for place in open_places if place not in before]
    behind = any(words[i][0] > comma and roles[i] in (None, "initial") for i in range(len(words)))
    titled = any(role == "kept" and fold(words[i][2]) in words_of("salutations")
                 for i, role in enumerate(roles))  # fmt: skip
    for place in open_places:
        word = fold(words[place][2])
        if before and behind and comma >= 0:
            roles[place] = "given" if place in after else "family"
        elif known and word in known:
            roles[place] = known[word]
        elif len(open_places) > 1 or any(role == "initial" for role in roles):
            roles[place] = "family" if place == open_places[-1] else "given"
        else:
            given = _known().get(word, ("", ""))[1] in ("female", "male")
            roles[place] = "given" if given and not titled else "family"
    return [Part(*word, role or "family") for word, role in zip(words, roles, strict=True)]


def _words(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the words; initials written together (``HBN``, ``Fox TC``) letter by letter."""
    found = list(WORD.finditer(text))
    mixed = any(not character.isupper() for match in found for character in match.group())
    for match in found:
        word = match.group()
        together = 2 <= len(word) <= MOST_INITIALS and word.isalpha() and word.isupper()
        if together and (len(found) == 1 or (mixed and fold(word) not in words_of("titles"))):
            for place in range(match.start(), match.end()):
                yield place, place + 1, text[place]
        else:
            yield match.start(), match.end(), word


def _fixed_role(word: str, following: str) -> Role | None:
    folded = fold(word)
    if folded in words_of("salutations") and (len(word) > 2 or following == "." or word != "Ma"):
        return "kept"
    if folded in _DROPPED:
        return "dropped"
    if word.islower() and folded in _particles():
        return "kept"
    return "initial" if len(word) == 1 else None


def roles_of(names: Iterable[str]) -> dict[str, Role]:
    """Return the role of each word in the names of a person that show it."""
    roles: dict[str, Role] = {}
    for name in names:
        parts = [part for part in parts_of(name) if part.role in ("given", "family")]
        if len(parts) > 1:
            for part in parts:
                roles.setdefault(fold(part.text), part.role)
    return roles


def sex_and_origin(names: Iterable[str]) -> tuple[Sex, str]:
    """Return what titles and lists show of a person; ``""`` and English where nothing does."""
    sex: Sex = ""
    origins: list[str] = []
    for name in names:
        for match in WORD.finditer(name):
            folded = fold(match.group())
            sex = _TITLES_BY_SEX.get(folded, sex)
            origin, which = _known().get(folded, ("", ""))
            if which == "female" or which == "male":
                sex = sex or ("female" if which == "female" else "male")
            if origin:
                origins.insert(0 if which == "family" else len(origins), origin)
    return sex, origins[0] if origins else DEFAULT_ORIGIN


Draw = Callable[[Sequence[str], Callable[[], str]], str | None]
"""Returns the value of a key, drawn by the function if it is new; None if none can be found."""


def surrogate_name(
    text: str, roles: dict[str, Role], sex: Sex, origin: str, draw: Draw
) -> str | None:
    """Return a name of the same shape for a written name of a person.

    Args:
        text: the mention.
        roles: what is known of the person's other names, as from ``roles_of``.
        sex: of the person, where known.
        origin: a key of the lists.
        draw: gives the person's draws.
    """
    rendered: list[str] = []
    position = 0
    for part in parts_of(text, roles):
        new = _new_part(part, roles, sex, origin, draw)
        if new is None:
            return None
        rendered += [text[position : part.start], new]
        position = part.end
    rendered.append(text[position:])
    return " ".join("".join(rendered).split()).strip(" ,") or None


def _new_part(part: Part, roles: dict[str, Role], sex: Sex, origin: str, draw: Draw) -> str | None:
    match part.role:
        case "kept":
            return part.text
        case "dropped":
            return ""
        case "initial":
            return _new_initial(part.text, roles, sex, origin, draw)
    bare = part.text.removesuffix("'s").removesuffix("’s")
    words = [_new_word(word, part.role, sex, origin, draw) for word in bare.split("-")]
    known = [word for word in words if word is not None]
    return "-".join(known) + part.text[len(bare) :] if len(known) == len(words) else None


def _new_word(word: str, role: str, sex: Sex, origin: str, draw: Draw) -> str | None:
    new = draw((role, fold(word)), lambda: random_name(role, sex, origin))
    if new is None:
        return None
    if len(word) > 1 and word.isupper():
        return new.upper()
    return new.lower() if word.islower() else new


def _new_initial(
    letter: str, roles: dict[str, Role], sex: Sex, origin: str, draw: Draw
) -> str | None:
    """Return the initial of the surrogate of the given name that the letter begins, if known."""
    for word, role in roles.items():
        if role == "given" and word[:1] == fold(letter)[:1]:
            new = _new_word(word, role, sex, origin, draw)
            return new[0].upper() if new else None
    return draw(("initial", fold(letter)), lambda: RANDOM.choice(string.ascii_uppercase))


def random_name(role: str, sex: Sex, origin: str) -> str:
    """Return a random given or family name of an origin, given names of a sex if that is known."""
    lists = _lists()[origin]
    if role == "family":
        return RANDOM.choice(lists["family"])
    return RANDOM.choice(lists[sex] if sex else lists["female"] + lists["male"])
