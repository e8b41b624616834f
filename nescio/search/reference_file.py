"""Read the mapped columns of a reference table: Parquet, CSV or SAS XPT."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import pyarrow as pa
import pyarrow.parquet as pq

from nescio.errors import ConfigurationError
from nescio.search.mapping import Mapping

XPT_ROWS: Final = 50_000
"""Rows of a transport file that are in memory with all their columns at once."""

_T = TypeVar("_T")


def column_names(path: Path) -> list[str]:
    """Return the names of a table's columns without reading its rows.

    Raises:
        ConfigurationError: the file cannot be read, or a name occurs twice.
    """
    names = _guarded(_names_of(path), path)
    if doubled := sorted(name for name, count in Counter(names).items() if count > 1):
        raise ConfigurationError(
            f"The reference table has more than one column named {', '.join(doubled)}.",
            "Rename or drop the others.",
        )
    return names


def wanted_columns(path: Path, mapping: Mapping) -> list[str]:
    """Return the columns to be read: the mapped ones and the one that tells persons apart.

    Raises:
        ConfigurationError: the file cannot be read, or lacks one of them.
    """
    names = column_names(path)
    wanted = [column.name for column in mapping.columns]
    if mapping.person and mapping.person not in wanted:
        wanted.append(mapping.person)
    if missing := [name for name in wanted if name not in names]:
        raise ConfigurationError(
            f"The mapping names columns that the reference table has not: {', '.join(missing)}.",
            "Column names count capitals and small letters.",
        )
    return wanted


def read_columns(path: Path, mapping: Mapping) -> pa.Table:
    """Read the mapped columns, and the one that tells persons apart, and no other.

    Returns:
        These columns under their names, n rows, n > 0.

    Raises:
        ConfigurationError: the file cannot be read, lacks a mapped column or has no rows.
    """
    wanted = wanted_columns(path, mapping)
    table: pa.Table = _guarded(_reader_of(path, wanted), path)
    if table.num_rows == 0:
        raise ConfigurationError("The reference table has no rows.", "Check the export.")
    return table.select(wanted)


def _guarded(read: Callable[[Path], _T], path: Path) -> _T:
    """Run a reader; whatever it stumbles over becomes one clear line, without the file's name."""
    try:
        return read(path)
    except ConfigurationError:
        raise
    except (OSError, ValueError, UnicodeDecodeError, pa.ArrowException, csv.Error) as error:
        raise ConfigurationError(
            f"The reference table cannot be read as {_format(path)}.",
            "Parquet, CSV (UTF-8) and SAS XPT are read, by the file's ending.",
        ) from error


def _format(path: Path) -> str:
    formats = {".parquet": "Parquet", ".pq": "Parquet", ".csv": "CSV", ".xpt": "SAS XPT"}
    found = formats.get(path.suffix.lower())
    if found is None:
        raise ConfigurationError(
            "The reference table's format is not known by its ending.",
            "Give a .parquet, .csv or .xpt file.",
        )
    return found


def _names_of(path: Path) -> Callable[[Path], list[str]]:
    return {"Parquet": _parquet_names, "CSV": _csv_names, "SAS XPT": _xpt_names}[_format(path)]


def _parquet_names(path: Path) -> list[str]:
    return list(pq.read_schema(path).names)


def _csv_names(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        header = next(csv.reader(lines), [])
    if not header:
        raise ConfigurationError("The reference table has no rows.", "Check the export.")
    return header


def _xpt_names(path: Path) -> list[str]:
    import pandas as pd

    with pd.read_sas(path, format="xport", encoding="latin-1", chunksize=1) as reader:
        columns: list[str] = cast(Any, reader).columns
        return columns


def _reader_of(path: Path, wanted: Sequence[str]) -> Callable[[Path], pa.Table]:
    def parquet(source: Path) -> pa.Table:
        return pq.read_table(source, columns=list(wanted))

    def text(source: Path) -> pa.Table:
        from pyarrow import csv as arrow_csv

        return arrow_csv.read_csv(
            source,
            convert_options=arrow_csv.ConvertOptions(
                include_columns=list(wanted),
                column_types={name: pa.string() for name in wanted},
                strings_can_be_null=True,
            ),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        )

    def transport(source: Path) -> pa.Table:
        import pandas as pd

        parts = []
        with pd.read_sas(source, format="xport", encoding="latin-1", chunksize=XPT_ROWS) as reader:
            for chunk in reader:
                # Column by column: a step's pyarrow knows nothing of pandas (nescio/steps).
                values = {name: chunk[name].to_numpy() for name in wanted}
                parts.append(
                    pa.table({n: pa.array(v, from_pandas=True) for n, v in values.items()})
                )
        return pa.concat_tables(parts, promote_options="permissive") if parts else pa.table({})

    return {"Parquet": parquet, "CSV": text, "SAS XPT": transport}[_format(path)]
