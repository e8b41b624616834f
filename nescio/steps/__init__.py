"""The steps of the DAG: each reads an artifact folder, calls a room, and writes tables."""

import sys
from contextlib import suppress

import pyarrow as pa

# Importing PyMuPDF loads its page-layout network and its writer of Markdown, which no step uses:
# half a second and 90 MiB in every task. A module that is None cannot be imported, and PyMuPDF goes
# on without it.
sys.modules.setdefault("pymupdf.layout", None)  # type: ignore[arg-type]
sys.modules.setdefault("pymupdf4llm", None)  # type: ignore[arg-type]

# pyarrow imports pandas with its reader of tables, and at the first list that becomes a table, to
# ask whether the list is one of its series: 0.3 s of CPU and 40 MiB in every task. It looks once,
# and finds none. From then on the two cannot be converted into each other, which no step does; so
# this is for a task's own process only, and everywhere else they go on knowing each other.
TASK = "kfp.dsl.executor_main"
_main = getattr(sys.modules.get("__main__"), "__spec__", None)
if getattr(_main, "name", "") == TASK and "pandas" not in sys.modules:
    sys.modules["pandas"] = None  # type: ignore[assignment]
    with suppress(ImportError, AttributeError):
        pa.array([None])
    with suppress(ImportError, AttributeError):
        import pyarrow.dataset  # noqa: F401
    del sys.modules["pandas"]
