"""The steps of the DAG: each reads an artifact folder, calls a room, and writes tables."""

import sys

# Importing PyMuPDF loads its page-layout network, which no step uses: half a second and 90 MiB in
# every task. A module that is None cannot be imported, and PyMuPDF goes on without it.
sys.modules.setdefault("pymupdf.layout", None)  # type: ignore[arg-type]
