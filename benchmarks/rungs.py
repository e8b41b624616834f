"""The rungs of the ladder: the same work on the same models, from the story's first figure on.

Every rung takes a study and returns SPANS as hybrid search leaves them, with the seconds of each
step. What is not part of the story (extraction, redaction) is outside of all of them.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.scan_index import ScanIndex, TrimmedIndex
from benchmarks.study import SCOPES, Study
from nescio import tables
from nescio.blobs import cut_blobs
from nescio.context import predict_context
from nescio.context.model import models
from nescio.context.predict import pairs_of, rows_of, scores_of
from nescio.policy import load_policy, skipped_by
from nescio.search import collect_lexicon, find_entities, find_patterns, hybrid_search
from nescio.search.matching.columns import CELL_SEPARATOR, PROSE_LENGTH
from nescio.steps import hybrid_search as search_step
from nescio.steps import predict_context as context_step
from nescio.steps import predict_entities as entities_step
from nescio.steps import segment as segment_step
from nescio.tagger import Tagger, load

SHARD_TABLES = ("paragraphs", "context", "spans", "lexicon", "blobs")
INDEXES = {"scan": ScanIndex, "trimmed": TrimmedIndex}


class Outcome(NamedTuple):
    """What a rung found, and the wall clock of its steps."""

    spans: pa.Table
    seconds: dict[str, float]


class Clock:
    """Adds up the seconds of named steps."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        """Time a block as part of a step."""
        started = time.perf_counter()
        yield
        self.seconds[step] += time.perf_counter() - started

    def outcome(self, spans: pa.Table) -> Outcome:
        """Return what the rung found with its times."""
        return Outcome(spans, dict(self.seconds))


def loop(study: Study) -> Outcome:
    """Rung 0, figure 1: paragraph by paragraph, row by row, a scan of the frame a value."""
    clock = Clock()
    with clock("set-up"):
        tagger = _tagger(study)
        index = ScanIndex(study.index, study.source)
    paragraphs = study.paragraphs
    with clock("tagger"):
        entities = pa.concat_tables(
            [find_entities(paragraphs.slice(i, 1), tagger) for i in range(len(paragraphs))]
        )
    with clock("context and patterns"):
        context = _context_by_row(paragraphs)
        pieces = [find_patterns(paragraphs.slice(*piece)) for piece in table_pieces(paragraphs)]
        patterns = pa.concat_tables(pieces)
    predictions = pa.concat_tables([entities, patterns])
    with clock("segment"):
        lexicon = collect_lexicon(paragraphs, predictions)
        blobs = cut_blobs(paragraphs, context)
    with clock("search"):
        spans = hybrid_search(paragraphs, context, predictions, lexicon, blobs, index)
    return clock.outcome(spans)


def batch(study: Study) -> Outcome:
    """Rung 1: every model once over all paragraphs; the search as before."""
    clock = Clock()
    shares = _batch_predictions(study, clock)
    with clock("set-up"):
        index = ScanIndex(study.index, study.source)
    with clock("search"):
        spans = hybrid_search(*shares, index)
    return clock.outcome(spans)


def parallel(study: Study) -> Outcome:
    """Rung 2: blobs searched in parallel processes."""
    return _parallel(study, "scan", scoped=False)


def scopes(study: Study) -> Outcome:
    """Rung 3: nothing is predicted where the experts say that nobody is named."""
    return _parallel(study, "scan", scoped=True)


def trimmed(study: Study) -> Outcome:
    """Rung 4, without scopes: mapped columns only, and a dictionary in place of ``df.where``."""
    return _parallel(study, "trimmed", scoped=False)


def trimmed_scopes(study: Study) -> Outcome:
    """Rung 4 with the scopes of rung 3."""
    return _parallel(study, "trimmed", scoped=True)


def nescio(study: Study) -> Outcome:
    """Rung 5: the steps of the pipeline, as the DAG calls them, artifacts on disk."""
    return _pipeline(study, "everything", "pipeline")


def nescio_scopes(study: Study) -> Outcome:
    """Rung 5 with the scopes of rung 3, watched by the shadow sample."""
    return _pipeline(study, str(SCOPES), "pipeline-scopes")


def skipped_rules(study: Study) -> dict[str, int]:
    """Return for each expert rule how many paragraphs it skips."""
    names = skipped_by(study.paragraphs, load_policy(str(SCOPES)))
    counts: dict[str, int] = defaultdict(int)
    for name in filter(None, names):
        counts[name] += 1
    return dict(counts)


def _tagger(study: Study) -> Tagger:
    tagger = load(None, study.runtime)
    if tagger is None:
        raise RuntimeError("the ladder needs the shipped tagger")
    return tagger


def _context_by_row(paragraphs: pa.Table) -> pa.Table:
    """Ask the model for every paragraph's dependency flag on its own, a call for each row."""
    pairs = list(pairs_of(paragraphs.to_pylist()))
    scores = [scores_of([pair], False)[0] for pair in pairs]
    columns = tables.SCHEMAS["context"].names
    rows = rows_of(pairs, scores, *models()[2:4])
    return tables.from_rows("context", [{name: row[name] for name in columns} for row in rows])


def table_pieces(paragraphs: pa.Table) -> Iterator[tuple[int, int]]:
    """Yield offset and length of what the patterns read at a time: a paragraph, or a table.

    A table's rows mean what its head says, until the next heading or prose.
    """
    rows = paragraphs.select(["kind", "text"]).to_pylist()
    first, inside = 0, False
    for number, row in enumerate(rows):
        cells = CELL_SEPARATOR in row["text"]
        prose = row["kind"] == "body" and len(row["text"]) > PROSE_LENGTH
        ends = not cells and (row["kind"] == "heading" or prose)
        if number > first and (ends or not inside):
            yield first, number - first
            first = number
        inside = cells or (inside and not ends)
    if rows:
        yield first, len(rows) - first


def _batch_predictions(study: Study, clock: Clock, scoped: bool = False) -> list[pa.Table]:
    """Return what a search is given, predicted in batches."""
    paragraphs = study.paragraphs
    with clock("set-up"):
        tagger = _tagger(study)
    with clock("context and patterns"):
        context = predict_context(paragraphs)
        patterns = find_patterns(paragraphs)
    within = paragraphs
    if scoped:
        with clock("segment"):
            rules = skipped_by(paragraphs, load_policy(str(SCOPES)), context)
            within = paragraphs.filter(pa.array([not rule for rule in rules]))
            kept = pc.is_in(patterns["paragraph"], within["paragraph"])
            patterns = patterns.filter(kept)
    with clock("tagger"):
        entities = find_entities(within, tagger)
    predictions = pa.concat_tables([entities, patterns])
    with clock("segment"):
        lexicon = collect_lexicon(paragraphs, predictions)
        # As many shards as workers, whatever the document's size.
        cost = 1 + pc.sum(pc.utf8_length(paragraphs["text"])).as_py() // study.workers
        blobs = cut_blobs(paragraphs, context, shard_cost=cost, max_shards=study.workers)
    return [paragraphs, context, predictions, lexicon, blobs]


def _parallel(study: Study, kind: str, scoped: bool) -> Outcome:
    clock = Clock()
    shares = _batch_predictions(study, clock, scoped)
    with clock("segment"):
        folders = _write_shards(study.folder / f"{kind}-{scoped}", shares)
    with clock("search"):
        spans = _on_workers(
            study,
            _search_shard,
            [(folder, str(study.index), str(study.source), kind) for folder in folders],
        )
    return clock.outcome(spans)


def _on_workers(
    study: Study, work: Callable[..., pa.Table], arguments: list[tuple[str, ...]]
) -> pa.Table:
    """Call ``work`` in processes of its own; their start is part of the time."""
    if study.workers == 1:
        return _sorted(pa.concat_tables([work(*own) for own in arguments]))
    with ProcessPoolExecutor(study.workers, get_context("spawn")) as pool:
        parts = [future.result() for future in [pool.submit(work, *own) for own in arguments]]
    return _sorted(pa.concat_tables(parts))


def _sorted(spans: pa.Table) -> pa.Table:
    order = [(name, "ascending") for name in ("doc", "paragraph", "start")]
    return spans.sort_by(order).combine_chunks()


def _write_shards(folder: Path, shares: list[pa.Table]) -> list[str]:
    """Write each shard's own rows; return the folders."""
    paragraphs, context, predictions, lexicon, blobs = shares
    folders = []
    for shard in sorted(set(blobs["shard"].to_pylist())):
        own = blobs.filter(pc.field("shard") == shard)
        mine = own["paragraph"]
        of_shard = [
            table.filter(pc.is_in(table["paragraph"], mine))
            for table in (paragraphs, context, predictions)
        ]
        for name, table in zip(SHARD_TABLES, [*of_shard, lexicon, own], strict=True):
            tables.write(folder / shard, name, table)
        folders.append(str(folder / shard))
    return folders


def _search_shard(folder: str, index: str, source: str, kind: str) -> pa.Table:
    """Search one shard in its own process, with its own copy of the frame."""
    shares = (tables.read(Path(folder), name) for name in SHARD_TABLES)
    return hybrid_search(*shares, INDEXES[kind](Path(index), Path(source)))


def _pipeline(study: Study, policy: str, name: str) -> Outcome:
    """Run the steps from the tagger to the search as the DAG does, one after another."""
    clock = Clock()
    gathered, work = study.folder / "gathered", study.folder / name
    outbox = str(work / "outbox")
    with clock("tagger"):
        entities = work / "entities"
        entities_step.run(gathered, outbox, name, policy, "", study.runtime, entities)
    with clock("context and patterns"):
        context_step.run(gathered, outbox, name, work / "context")
    with clock("segment"):
        cut = work / "segment"
        known = str(study.source), str(study.mapping)
        shards = segment_step.run(
            gathered, entities, work / "context", outbox, name, *known, cut, str(cut)
        )
    with clock("search"):
        arguments = [(shard, outbox, name, str(work)) for shard in shards]
        if len(shards) == 1:  # one shard is not worth a second process
            spans = _sorted(_step_shard(*arguments[0]))
        else:
            spans = _on_workers(study, _step_shard, arguments)
    return clock.outcome(spans)


def _step_shard(shard: str, outbox: str, run: str, work: str) -> pa.Table:
    folder = Path(work) / "search" / shard.rpartition("=")[2]
    search_step.run(shard, outbox, run, folder)
    return tables.read(folder, "spans")
