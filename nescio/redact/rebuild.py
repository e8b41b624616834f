"""Rebuilds a PDF by allow-list into a fresh file: pages, what they need to show, no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name

from nescio.redact.fonts import FontUse
from nescio.redact.glyphs import Rect
from nescio.redact.harden import harden_page
from nescio.redact.image_codecs import Codec, Size, store_as_before, strip_metadata
from nescio.redact.links import KeptLinks
from nescio.redact.marked_content import strip_marks
from nescio.redact.outline import Bookmark, write_bookmarks
from nescio.redact.prune import DEEPEST, Pruner

PRODUCER: Final = "Nescio"

INHERITED: Final = (Name.Resources, Name.MediaBox, Name.CropBox, Name.Rotate)
"""Page attributes that may stand on a parent node of the page tree."""


def rebuild(
    sources: Sequence[Path],
    out: Path,
    bookmarks: Sequence[Bookmark] = (),
    hardened: Mapping[int, Sequence[Rect]] | None = None,
    codecs: Mapping[Size, Codec] | None = None,
    links: KeptLinks | None = None,
) -> int:
    """Write the pages of ``sources`` into a fresh PDF at ``out``; returns how many links it has.

    Args:
        sources: a cleared document, a range of its pages a file, in order.
        out: where the fresh file goes.
        bookmarks: the bookmarks that it gets.
        hardened: page -> boxes, in PDF user space, of pages that need more than clearing.
        codecs: size in pixels -> how pictures were stored whose pixels have been cleared.
        links: which web links it gets; None for none.

    Raises:
        pikepdf.PdfError: a source cannot be read.
    """
    with ExitStack() as stack:
        old, *more = [stack.enter_context(pikepdf.open(source)) for source in sources]
        new = stack.enter_context(pikepdf.new())
        pruner = Pruner()
        for part in (old, *more):
            for page in part.pages:
                _bring_down(page.obj)
        for part in more:
            old.pages.extend(part.pages)
        for number, boxes in (hardened or {}).items():
            harden_page(old, old.pages[number], boxes)
        old.remove_unreferenced_resources()
        kept = {n: links.of(n, page.obj) for n, page in enumerate(old.pages)} if links else {}
        for page in old.pages:
            pruner.keep(page.obj, "page")
        for stream in pruner.contents.values():
            strip_marks(stream)
        fonts = FontUse()
        for page in old.pages:
            fonts.read_page(page)
        fonts.prune()
        for image in pruner.images.values():
            store_as_before(image, codecs or {})
            strip_metadata(image)
        for page in old.pages:
            new.pages.append(page)
        for number, found in kept.items():
            if found:
                new.pages[number].obj.Annots = Array(found)
        write_bookmarks(new, bookmarks)
        new.docinfo["/Producer"] = PRODUCER
        new.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            fix_metadata_version=False,
        )
    return sum(map(len, kept.values()))


def _bring_down(page: Dictionary) -> None:
    """Give a page its own copy of what it inherits from the nodes above it."""
    node: pikepdf.Object | None = page
    for _ in range(DEEPEST):
        node = node.get(Name.Parent) if isinstance(node, Dictionary) else None
        if not isinstance(node, Dictionary):
            break
        for key in INHERITED:
            if key in node and key not in page:
                page[key] = node[key]
    if Name.Resources not in page:
        page.Resources = Dictionary()
