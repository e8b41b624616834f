"""``python -m training.text``: write generated training text as gzipped JSON lines."""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from training.text.compose import generate


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write one JSON object a line and return their number; equal rows make equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as stream:
        for row in rows:
            stream.write((json.dumps(row, ensure_ascii=False) + "\n").encode())
            count += 1
    return count


def main() -> None:
    """Generate and write."""
    parser = argparse.ArgumentParser(prog="python -m training.text", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60_000)
    parser.add_argument("--split", choices=("train", "heldout"), default="train")
    parser.add_argument("-o", "--output", type=Path, required=True, help="a .jsonl.gz file")
    options = parser.parse_args()
    rows = write_lines(options.output, generate(options.seed, options.count, options.split))
    print(f"{rows} texts: {options.output}")


if __name__ == "__main__":
    main()
