"""Runs the DAG on this machine, by ``kfp.local``, from a folder of PDFs to a folder of results."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nescio.errors import ConfigurationError
from nescio.profiling import profiled, publish, summary
from nescio.steps.telemetry import read_records
from nescio.store import PRIVATE, is_remote, open_store

POLL_SECONDS: Final = 0.2
WORK: Final = f"{PRIVATE}/work"
RUNS: Final = f"{PRIVATE}/runs"
VAULT: Final = ("vault", "vault_key")

Watcher = Callable[[list[dict[str, Any]]], None]


@dataclass
class LocalRun:
    """What to run: the pipeline's inputs as a person gives them, paths and all."""

    inputs: list[Path] | str
    """PDF files, or the URI of a bucket prefix."""
    output: str
    """Folder or URI that receives the results."""
    policy: str = "everything"
    model: str = ""
    passwords: str = ""
    reference: str = ""
    reference_mapping: str = ""
    vault: str = ""
    vault_key: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    """Further parameters of the pipeline, by name; none may hold a path or PHI."""
    keep_intermediates: bool = False
    profile: bool = False
    """Have the steps sample themselves; the profile goes to the private folder."""


@dataclass
class LocalResult:
    """How a local run ended."""

    run: str
    records: list[dict[str, Any]]
    succeeded: bool
    profile: list[dict[str, Any]] = field(default_factory=list)
    """What ``nescio.profiling.summary`` returns, where a profile was asked for."""


def run_locally(job: LocalRun, watch: Watcher) -> LocalResult:
    """Run the pipeline under ``kfp.local``.

    ``kfp.local`` prints every parameter, so inputs are staged under opaque names behind a link
    whose own path says nothing, and all it prints goes to a log in the private folder.

    Args:
        job: what to run.
        watch: called now and then with the records that the steps wrote so far.

    Returns:
        The run's id, its steps' records, and whether the whole DAG succeeded.

    Raises:
        ConfigurationError: another run is writing to the same output folder.
    """
    with ExitStack() as stack:
        work = stack.enter_context(_work_folder(job))
        alias = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nescio-"))) / "w"
        alias.symlink_to(work)
        parameters = _stage(job, work, alias)
        outbox = parameters["outbox"]
        known = set(_runs(outbox))
        if job.profile:
            stack.enter_context(profiled(work / "profile"))
        finished = threading.Event()
        watcher = threading.Thread(
            target=_watch, args=(outbox, known, watch, finished), daemon=True
        )
        watcher.start()
        try:
            with _temporary_files_in(alias / "tmp"):
                succeeded = _execute(parameters, alias / "artifacts", work / "kfp.log")
        finally:
            finished.set()
            watcher.join()
        new = [run for run in _runs(outbox) if run not in known]
        records = read_records(outbox, new[0]) if new else []
        profile = summary(work / "profile", records) if job.profile else []
        if profile:
            publish(work / "profile", job.output, profile)
        return LocalResult(new[0] if new else "", records, succeeded, profile)


@contextmanager
def _work_folder(job: LocalRun) -> Iterator[Path]:
    """Give the private folder of intermediates, emptied of what a crashed run left in it."""
    private = _private_folder(job.output)
    private.mkdir(parents=True, exist_ok=True)
    private.chmod(0o700)
    with (private / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                "another run is writing to this output folder.", "Wait for it, or use another."
            ) from None
        work = private / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
        try:
            yield work
        finally:
            if not job.keep_intermediates:
                shutil.rmtree(work, ignore_errors=True)


def _private_folder(output: str) -> Path:
    """Return where intermediates of runs into this output stand; the same at every start."""
    if not is_remote(output):
        return Path(output).absolute() / PRIVATE
    cache = os.environ.get("XDG_CACHE_HOME", "")
    home = Path(cache) if cache else Path.home() / ".cache"
    digest = hashlib.sha256(output.rstrip("/").encode()).hexdigest()[:16]
    return home / "nescio" / digest / PRIVATE


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Let steps put their temporary files here, where the next start removes what a crash left.

    Args:
        folder: by a short path: sockets of child processes stand in it, and a socket's path holds
            107 bytes at most.
    """
    folder.mkdir(mode=0o700)
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        yield
    finally:
        del os.environ["TMPDIR"]
        if before is not None:
            os.environ["TMPDIR"] = before


def _stage(job: LocalRun, work: Path, alias: Path) -> dict[str, Any]:
    """Link the inputs under opaque names; return the pipeline's parameters."""
    parameters: dict[str, Any] = dict(job.options)
    if isinstance(job.inputs, str):
        parameters["inbox"] = job.inputs
    else:
        inbox = work / "inbox"
        inbox.mkdir()
        for number, path in enumerate(job.inputs):
            (inbox / f"{number:06d}.pdf").symlink_to(path.resolve())
        parameters["inbox"] = str(alias / "inbox")
    if is_remote(job.output):
        parameters["outbox"] = job.output
    else:
        (work / "outbox").symlink_to(Path(job.output).absolute())
        parameters["outbox"] = str(alias / "outbox")
    for name in ("policy", "model", "passwords", "reference", "reference_mapping", *VAULT):
        value = getattr(job, name)
        path = Path(value)
        # A vault that is to be begun is linked, too: its name would else be a parameter.
        if value and not is_remote(value) and (path.exists() or name == "vault"):
            link = f"{name}{path.suffix}"
            (work / link).symlink_to(path.resolve())
            value = str(alias / link)
        parameters[name] = value
    return parameters


def _runs(outbox: str) -> list[str]:
    keys = (entry.key for entry in open_store(outbox).list(RUNS))
    return list(dict.fromkeys(key.removeprefix(f"{RUNS}/").split("/")[0] for key in keys))


def _watch(outbox: str, known: set[str], watch: Watcher, finished: threading.Event) -> None:
    while not finished.wait(POLL_SECONDS):
        for run in _runs(outbox):
            if run not in known:
                with suppress(OSError, ValueError):  # a record that is being replaced
                    watch(read_records(outbox, run))


def _execute(parameters: dict[str, Any], root: Path, log: Path) -> bool:
    with _output_to(log):
        from kfp import local

        from nescio_pipelines.deidentify import deidentify

        local.init(
            runner=local.SubprocessRunner(use_venv=False),
            pipeline_root=str(root),
            raise_on_error=True,
        )
        try:
            deidentify(**parameters)
        except RuntimeError:  # kfp.local raises this for any failed task
            return False
    return True


@contextmanager
def _output_to(log: Path) -> Iterator[None]:
    """Send all that this process and its children print to a private file."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    with log.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for handle, number in zip(saved, (1, 2), strict=True):
            os.dup2(handle, number)
            os.close(handle)
