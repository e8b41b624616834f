"""Takes from a page and all it refers to every entry that the allow-list does not name."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Stream

Roles = dict[str, dict[str, str]]

STREAM_ROLES: Final = frozenset(
    {"stream", "image", "form", "tiling", "iccprofile", "fontfile", "cmap", "contents"}
)

DEEPEST: Final = 64
"""Levels of nesting (forms in forms, arrays in arrays) beyond which a file is refused."""


@cache
def allowed() -> Roles:
    """Return role -> key -> role of the value, from ``data/allowed.json``."""
    text = resources.files(__package__).joinpath("data/allowed.json").read_text("utf-8")
    roles: dict[str, Any] = json.loads(text)
    del roles["_comment"]
    return {role: {f"/{key}": value for key, value in keys.items()} for role, keys in roles.items()}


class Pruner:
    """Prunes objects of one PDF in place; remembers which it has seen.

    Every method that takes a role answers whether the value may stay where it is.
    """

    def __init__(self) -> None:
        self._roles = allowed()
        self._done: dict[tuple[tuple[int, int], str], bool] = {}
        self._depth = 0
        self.images: dict[tuple[int, int], Stream] = {}
        self.fonts: dict[tuple[int, int], Object] = {}
        self.contents: dict[tuple[int, int], Stream] = {}

    def keep(self, value: Any, role: str) -> bool:
        """Prune ``value``, which plays ``role``; False means that it must go."""
        if role == "plain":
            return _is_plain(value)
        if role == "text":
            return isinstance(value, pikepdf.String) or _is_plain(value)
        if not (isinstance(value, Object) and value.is_indirect):
            return self._keep_nested(value, role)
        visit = (value.objgen, role)
        if visit not in self._done:
            self._done[visit] = True  # objects may refer to themselves
            self._done[visit] = self._keep_nested(value, role)
        return self._done[visit]

    def _keep_nested(self, value: Any, role: str) -> bool:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ValueError("objects of a page are nested too deeply")
        try:
            return self._keep_complex(value, role)
        finally:
            self._depth -= 1

    def _keep_complex(self, value: Any, role: str) -> bool:
        kind, _, inner = role.partition(":")
        if kind == "each":
            return isinstance(value, Dictionary) and self._filter_dictionary(value, inner)
        if kind == "list":
            return isinstance(value, Array) and self._filter_array(value, inner)
        special = getattr(self, f"_keep_{kind}", None)
        if special is not None:
            return bool(special(value))
        return self._keep_role(value, kind)

    def _keep_role(self, value: Any, role: str) -> bool:
        """Keep of a dictionary or stream the entries that ``role`` names."""
        if isinstance(value, Stream):
            if role not in STREAM_ROLES and role not in {"shading", "functiondict"}:
                return False
            self._filter_keys(value, {**self._roles["stream"], **self._roles.get(role, {})})
            return True
        if role in STREAM_ROLES or not isinstance(value, Dictionary):
            return False
        self._filter_keys(value, self._roles[role])
        return True

    def _filter_keys(self, value: Object, keys: dict[str, str]) -> None:
        for key in list(value.keys()):
            if key not in keys or not self.keep(value[key], keys[key]):
                del value[key]

    def _filter_dictionary(self, value: Dictionary, role: str) -> bool:
        for key in list(value.keys()):
            if role == "empty":
                value[key] = Dictionary()
            elif not self.keep(value[key], role):
                del value[key]
        return True

    def _filter_array(self, value: Array, role: str) -> bool:
        return all(self.keep(item, role) or _is_plain(item) for item in value)

    def _keep_contents(self, value: Any) -> bool:
        streams = list(value) if isinstance(value, Array) else [value]
        return all(
            isinstance(item, Stream) and self._keep_drawing(item, "stream") for item in streams
        )

    def _keep_drawing(self, value: Stream, role: str) -> bool:
        self.contents[value.objgen] = value
        return self._keep_role(value, role)

    def _keep_xobject(self, value: Any) -> bool:
        if not isinstance(value, Stream):
            return False
        subtype = value.get(Name.Subtype)
        if subtype == Name.Image:
            return self.keep(value, "image")
        return bool(subtype == Name.Form) and self.keep(value, "form")

    def _keep_image(self, value: Any) -> bool:
        if not isinstance(value, Stream):
            return False
        self.images[value.objgen] = value
        return self._keep_role(value, "image")

    def _keep_form(self, value: Any) -> bool:
        return isinstance(value, Stream) and self._keep_drawing(value, "form")

    def _keep_mask(self, value: Any) -> bool:
        return self.keep(value, "image") if isinstance(value, Stream) else _is_plain(value)

    def _keep_softmask(self, value: Any) -> bool:
        return value == Name("/None") or self.keep(value, "softmaskdict")

    def _keep_pattern(self, value: Any) -> bool:
        if isinstance(value, Stream):
            return self._keep_drawing(value, "tiling")
        return self.keep(value, "shadingpattern")

    def _keep_function(self, value: Any) -> bool:
        if isinstance(value, Array):
            return self._filter_array(value, "function")
        return isinstance(value, Name) or self._keep_role(value, "functiondict")

    def _keep_colorspace(self, value: Any) -> bool:
        if not isinstance(value, Array):
            return isinstance(value, Name)
        return all(self._keep_color_part(item) for item in value)

    def _keep_color_part(self, item: Any) -> bool:
        """Prune one element of a colour space: name, profile, look-up table, tint function."""
        if isinstance(item, Stream):
            if Name.FunctionType in item:
                return self.keep(item, "function")
            return self._keep_role(item, "iccprofile")
        if isinstance(item, Dictionary):
            return self.keep(item, "function" if Name.FunctionType in item else "colordict")
        if isinstance(item, Array) and not _is_plain(item):
            return self.keep(item, "colorspace")
        return isinstance(item, pikepdf.String) or _is_plain(item)

    def _keep_font(self, value: Any) -> bool:
        if not isinstance(value, Dictionary):
            return False
        self.fonts[value.objgen] = value
        for stream in _char_procs(value):
            self.contents[stream.objgen] = stream
        return self._keep_role(value, "fontdict")

    def _keep_encoding(self, value: Any) -> bool:
        if isinstance(value, Stream):
            return self.keep(value, "cmap")
        return isinstance(value, Name) or self.keep(value, "encodingdict")

    def _keep_cidtogid(self, value: Any) -> bool:
        return isinstance(value, Name) or self._keep_role(value, "stream")

    def _keep_cmapref(self, value: Any) -> bool:
        return isinstance(value, Name) or self.keep(value, "cmap")

    def _keep_decodeparms(self, value: Any) -> bool:
        if isinstance(value, Array):
            return all(item is None or self.keep(item, "decodeparms") for item in value)
        return self._keep_role(value, "decodeparms")


def _char_procs(font: Dictionary) -> list[Stream]:
    procs = font.get(Name.CharProcs)
    if not isinstance(procs, Dictionary):
        return []
    return [proc for _, proc in procs.items() if isinstance(proc, Stream)]


def _is_plain(value: Any, depth: int = 0) -> bool:
    if isinstance(value, Array):
        return depth < DEEPEST and all(_is_plain(item, depth + 1) for item in value)
    if isinstance(value, Object):
        return isinstance(value, Name)
    return True  # numbers, booleans and null come as Python values
