"""The contracts: labels, and one pyarrow schema for every table that steps exchange.

Conventions, for every table:

* ``doc`` is the opaque document id, ``page`` counts from 0.
* ``paragraph`` is unique within a document and sorts in reading order. Paragraphs of a page are
  numbered ``page * PARAGRAPHS_PER_PAGE + index``, so shards can number them without knowing
  of each other; paragraphs that stand on no page (bookmarks, metadata, ...) have page -1 and
  numbers from ``OFF_PAGE_PARAGRAPHS`` up.
* ``start`` and ``end`` are half-open offsets in Unicode code points into the paragraph's ``text``.
* Boxes are in PDF points, in the coordinates of PyMuPDF: origin at the top left of the page as
  shown (rotation applied), x to the right, y down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

PARAGRAPHS_PER_PAGE: Final = 10_000
OFF_PAGE_PARAGRAPHS: Final = 2_000_000_000

LABELS: Final[dict[str, tuple[str, ...]]] = {
    "NAME": ("patient", "relative", "staff", "author", "investigator", "signatory", "username"),
    "DATE": ("birth", "admission", "discharge", "death", "visit", "milestone"),
    "AGE": (),
    "ADDRESS": ("street",),
    "LOCATION": ("city", "county", "state", "zip", "country"),
    "FACILITY": (),
    "ORGANIZATION": ("sponsor", "vendor", "employer", "insurer"),
    "ID": (
        "mrn",
        "subject_id",
        "site_id",
        "study_id",
        "ssn",
        "npi",
        "health_plan",
        "account",
        "licence",
        "passport",
        "device",
        "vehicle",
        "specimen",
    ),
    "PHONE": ("fax",),
    "EMAIL": (),
    "URL": (),
    "IP": (),
    "OTHER": ("biometric", "handwriting", "barcode", "face", "signature", "deny"),
}
"""The closed list of labels, each with the kinds (subtypes, roles) that rules tell apart.

A span's ``kind`` is one of its label's kinds, or ``""`` where the text does not show which.
"""

SOURCES: Final = ("tagger", "pattern", "reference", "carryover", "lexicon", "deny", "reviewer")
"""Detectors that can vouch for a span, in no order of precedence."""

PARAGRAPH_KINDS: Final = (
    "heading",
    "body",
    "cell",  # a table row or a group of cells kept together with their labels
    "field",  # a form label together with its value
    "header",  # running header
    "footer",  # running footer
    "note",  # annotation, bookmark, metadata: text that is not page content
)

PARAGRAPH_ORIGINS: Final = (
    "page",  # visible text of the page's contents
    "hidden",  # page contents that do not show: layer off, outside the crop box, white, mode 3
    "ocr",
    "form",  # AcroForm or XFA value
    "annotation",
    "bookmark",
    "metadata",
    "attachment",
    "structure",  # Alt, ActualText, E, T of the structure tree
    "script",  # JavaScript, actions, links
)

SIGNATURE: Final = "\u270d"
"""What stands for a signature among a page's words: a writing hand, in the signature's box."""
FACE: Final = "\u263b"
"""What stands for a face among a page's words: a face, in the box around its head."""

OUTCOMES: Final = ("released", "unchanged", "proposed", "refused", "quarantined")

_DOC = pa.field("doc", pa.string(), nullable=False)
_PAGE = pa.field("page", pa.int32(), nullable=False)
_PARAGRAPH = pa.field("paragraph", pa.int32(), nullable=False)
_SPAN = [
    pa.field("start", pa.int32(), nullable=False),
    pa.field("end", pa.int32(), nullable=False),
    pa.field("label", pa.string(), nullable=False),
    pa.field("kind", pa.string(), nullable=False),
]
_BOX = [pa.field(name, pa.float32(), nullable=False) for name in ("x0", "y0", "x1", "y1")]

DOCUMENTS: Final = pa.schema(
    [
        _DOC,
        pa.field("path", pa.string(), nullable=False),  # private: the original path
        pa.field("key", pa.string(), nullable=False),  # private: key in the inbox
        pa.field("etag", pa.string(), nullable=False),  # "" for local files
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("pages", pa.int32(), nullable=False),
        pa.field("content_key", pa.string(), nullable=False),  # keyed hash of the content
        pa.field("outbox_key", pa.string(), nullable=False),  # content, policy, model, code
        pa.field("outcome", pa.string(), nullable=False),  # "" while the document is on its way
        pa.field("reason", pa.string(), nullable=False),
        pa.field("remedy", pa.string(), nullable=False),
    ]
)

SHARDS: Final = pa.schema(
    [
        pa.field("shard", pa.string(), nullable=False),
        _DOC,
        pa.field("first_page", pa.int32(), nullable=False),
        pa.field("last_page", pa.int32(), nullable=False),  # half-open
    ]
)

PARTS: Final = pa.schema(
    [
        *SHARDS,
        pa.field("words_uri", pa.string(), nullable=False),  # folder of the words of this part
    ]
)
"""Where the words of each page range stand: redact reads those of its own documents only."""

PAGES: Final = pa.schema(
    [
        _DOC,
        _PAGE,
        pa.field("width", pa.float32(), nullable=False),
        pa.field("height", pa.float32(), nullable=False),
        pa.field("rotation", pa.int32(), nullable=False),
        pa.field("words", pa.int32(), nullable=False),
        pa.field("images", pa.int32(), nullable=False),
        pa.field("confidence", pa.float32(), nullable=False),  # of OCR; 1.0 for a text layer
        pa.field("flags", pa.list_(pa.string()), nullable=False),  # why a person must look
    ]
)

WORDS: Final = pa.schema(
    [
        _DOC,
        _PAGE,
        _PARAGRAPH,
        pa.field("start", pa.int32(), nullable=False),
        pa.field("end", pa.int32(), nullable=False),
        *_BOX,
        # Boundaries between the characters along the writing direction, end - start + 1 values
        # in points from the word's leading edge; a character's box follows from two neighbours.
        pa.field("edges", pa.list_(pa.float32()), nullable=False),
        pa.field("direction", pa.int16(), nullable=False),  # 0, 90, 180, 270 degrees clockwise
        pa.field("confidence", pa.float32(), nullable=False),
    ]
)

PARAGRAPHS: Final = pa.schema(
    [
        _DOC,
        _PAGE,
        _PARAGRAPH,
        pa.field("text", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # one of PARAGRAPH_KINDS
        pa.field("origin", pa.string(), nullable=False),  # one of PARAGRAPH_ORIGINS
        *_BOX,
        pa.field("font", pa.string(), nullable=False),  # of most characters
        pa.field("size", pa.float32(), nullable=False),  # points, of most characters
        pa.field("bold", pa.bool_(), nullable=False),
        pa.field("italic", pa.bool_(), nullable=False),
        pa.field("indent", pa.float32(), nullable=False),  # points from the column's left edge
        pa.field("gap", pa.float32(), nullable=False),  # points to the paragraph above; -1 at top
        pa.field("table", pa.int32(), nullable=False),  # running table on the page; -1 outside
        pa.field("row", pa.int32(), nullable=False),  # row of the table; -1 outside
        pa.field("in_scope", pa.bool_(), nullable=False),  # of the policy's expert rules
    ]
)

SPANS: Final = pa.schema(
    [
        _DOC,
        _PARAGRAPH,
        *_SPAN,
        pa.field("score", pa.float32(), nullable=False),  # calibrated to [0, 1]
        pa.field("sources", pa.list_(pa.string()), nullable=False),
    ]
)

CONTEXT: Final = pa.schema(
    [
        _DOC,
        _PARAGRAPH,
        pa.field("dep_flag", pa.bool_(), nullable=False),
        pa.field("dep_score", pa.float32(), nullable=False),
        pa.field("section", pa.string(), nullable=False),  # normalised section name, or ""
    ]
)

BLOBS: Final = pa.schema(
    [
        _DOC,
        _PARAGRAPH,
        pa.field("blob", pa.int32(), nullable=False),  # unique within the run
        pa.field("shard", pa.string(), nullable=False),
    ]
)

LEXICON: Final = pa.schema(
    [
        _DOC,
        pa.field("text", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("score", pa.float32(), nullable=False),
    ]
)

DECISIONS: Final = pa.schema(
    [
        _DOC,
        _PAGE,
        _PARAGRAPH,
        pa.field("mention", pa.int32(), nullable=False),  # unique within the document
        *_SPAN,
        pa.field("score", pa.float32(), nullable=False),
        pa.field("sources", pa.list_(pa.string()), nullable=False),
        pa.field("person", pa.int32(), nullable=False),  # unique within the document; -1: nobody
        pa.field("action", pa.string(), nullable=False),
        pa.field("replacement", pa.string(), nullable=False),  # text to set; "" for a plain box
        pa.field("why", pa.string(), nullable=False),  # rule that decided, without the text
    ]
)

REDACTIONS: Final = pa.schema(
    [
        _DOC,
        _PAGE,
        *_BOX,
        pa.field("mention", pa.int32(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("replacement", pa.string(), nullable=False),  # set in the mention's first box
        pa.field("secret", pa.string(), nullable=False),  # private: the text that must be gone
    ]
)
"""Boxes to clear: one row for each run of characters of a mention on one line.

``page`` -1 (boxes all zero) names text that stood outside page contents and must be gone too.
"""

OUTCOME_TABLE: Final = pa.schema(
    [
        _DOC,
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("remedy", pa.string(), nullable=False),
        pa.field("pages", pa.int32(), nullable=False),
    ]
)

THUMBNAILS: Final = pa.schema(
    [
        _DOC,
        _PAGE,
        pa.field("jpeg", pa.binary(), nullable=False),  # of the redacted page
        pa.field("boxes", pa.int32(), nullable=False),
    ]
)

SCHEMAS: Final[dict[str, pa.Schema]] = {
    "documents": DOCUMENTS,
    "shards": SHARDS,
    "parts": PARTS,
    "pages": PAGES,
    "words": WORDS,
    "paragraphs": PARAGRAPHS,
    "entities": SPANS,  # what predict_entities found
    "patterns": SPANS,  # what the patterns found
    "context": CONTEXT,
    "blobs": BLOBS,
    "lexicon": LEXICON,
    "spans": SPANS,  # what hybrid search settled
    "decisions": DECISIONS,
    "redactions": REDACTIONS,
    "outcomes": OUTCOME_TABLE,
    "thumbnails": THUMBNAILS,
}
"""Name of a table inside an artifact folder (``<name>.parquet``) -> its schema."""


def is_said(character: str) -> bool:
    """Say whether a character can be part of an identifier: letter, digit, signature or face."""
    return character.isalnum() or character in (SIGNATURE, FACE)


def empty(name: str) -> pa.Table:
    """Return the table ``name`` without rows."""
    return SCHEMAS[name].empty_table()


def from_rows(name: str, rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Build the table ``name`` from dictionaries; a missing or extra key is an error."""
    schema = SCHEMAS[name]
    materialised = list(rows)
    for row in materialised:
        if row.keys() != set(schema.names):
            odd = sorted(set(schema.names) ^ row.keys())
            raise ValueError(f"table {name}: columns {odd} missing or unknown")
    return pa.Table.from_pylist(materialised, schema=schema)


def write(folder: Path, name: str, table: pa.Table) -> None:
    """Write ``<folder>/<name>.parquet``, checked against its schema, whole or not at all."""
    schema = SCHEMAS[name]
    checked = table.select(schema.names).cast(schema)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{name}.parquet.tmp"
    pq.write_table(checked, temporary, compression="zstd")
    temporary.replace(folder / f"{name}.parquet")


def read(folder: Path, name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Read ``<folder>/<name>.parquet``, or only ``columns`` of it.

    Raises:
        ValueError: the file does not have the declared schema.
    """
    schema = SCHEMAS[name]
    wanted = list(columns) if columns is not None else schema.names
    table = pq.read_table(folder / f"{name}.parquet", columns=wanted, memory_map=True)
    expected = pa.schema([schema.field(column) for column in wanted])
    if not table.schema.equals(expected):
        raise ValueError(f"table {name} does not have the declared schema")
    return table


def concat(name: str, parts: Sequence[pa.Table]) -> pa.Table:
    """Put tables of one schema one after the other; no parts make an empty table."""
    return pa.concat_tables(parts) if parts else empty(name)
