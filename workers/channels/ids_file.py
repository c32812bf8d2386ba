"""Reads the ids that the other side has for items from a CSV file."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from hub.domain.errors import InvalidInput
from hub.services.channel_sync import MAX_MAPPED_IDS
from workers.csv_rows import BadRow, open_csv, read_rows

COLUMNS = ("sku", "id")


def read_ids(path: Path, now: datetime) -> Iterator[Mapping[str, str]]:
    """Ids by sku, so many at a time as are taken at once. Raises `InvalidInput` for a row that is
    none, and for a sku that comes twice."""
    ids: dict[str, str] = {}
    seen: set[str] = set()
    for row in read_rows(open_csv(path, now), COLUMNS, ()):
        if isinstance(row, BadRow):
            raise InvalidInput(field=f"line {row.line}", problem=row.reason)
        sku = row.cells["sku"]
        if sku in seen:
            raise InvalidInput(field=f"line {row.line}", problem=f"names {sku} once more")
        seen.add(sku)
        ids[sku] = row.cells["id"]
        if len(ids) == MAX_MAPPED_IDS:
            yield ids
            ids = {}
    if ids:
        yield ids
