"""Loads counts and orders from CSV files: good rows become events, bad ones are reported by line.

The events go through the intake like any other. Their ids come from the file itself, so that
importing it again changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from hub.bootstrap import Services
from hub.domain.principal import trusted
from hub.domain.values import Quantity
from workers.csv_rows import BadRow, CsvFile, open_csv, read_rows
from workers.imported_rows import (
    ORDER_COLUMNS,
    STOCK_COLUMNS,
    Draft,
    OrderRows,
    Refused,
    count_from,
    with_known_items,
)

_PRINCIPAL: Final = trusted("import")
_EVENTS_PER_CALL: Final = 500
_BAD_ROWS_KEPT: Final = 1_000
"""Rows. The count goes on beyond it; only the list of them stops."""

Progress = Callable[[int, int], None]
"""Told the lines done and the lines there are."""


@dataclass
class ImportReport:
    """What became of the rows of a file. Every row is accepted, a duplicate, or bad."""

    file: str
    accepted: int = 0
    """Rows that are stored, for the ingest worker to apply."""
    duplicates: int = 0
    """Rows that an earlier import of the same file has stored."""
    bad: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)

    def refuse(self, rows: Iterable[BadRow]) -> None:
        """Count bad rows."""
        for row in rows:
            self.bad += 1
            if len(self.bad_rows) < _BAD_ROWS_KEPT:
                self.bad_rows.append(row)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "file": self.file,
            "rows": self.accepted + self.duplicates + self.bad,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "bad": self.bad,
            "badRows": [row._asdict() for row in self.bad_rows],
        }


async def import_stock(
    services: Services, path: Path, source: str, progress: Progress
) -> ImportReport:
    """Import counts: `sku,location,on_hand`, and `as_of`, `unavailable` where known.

    A count without `as_of` was taken when the file was last changed. Raises `InvalidInput` when
    the file as a whole cannot be read.
    """
    file = open_csv(path, services.clock.now())
    locations = {location.id for location in await services.catalogue.locations(_PRINCIPAL)}
    rows = read_rows(file, *STOCK_COLUMNS)
    drafts = (count_from(row, locations, file.modified_at) for row in rows)
    return await _store(services, file, source, drafts, progress)


async def import_orders(
    services: Services, path: Path, source: str, progress: Progress
) -> ImportReport:
    """Import placed orders: `order,channel,sku,quantity`, and `placed_at` where known.

    The rows of an order stand together, and it is taken as a whole or not at all. An order without
    `placed_at` was placed when the file was last changed. Raises as `import_stock` does.
    """
    file = open_csv(path, services.clock.now())
    channels = {channel.id for channel in services.catalogue.channels(_PRINCIPAL)}
    drafts = OrderRows(channels, file.modified_at).drafts(read_rows(file, *ORDER_COLUMNS))
    return await _store(services, file, source, drafts, progress)


async def _store(
    services: Services,
    file: CsvFile,
    source: str,
    drafts: Iterator[Draft | Refused],
    progress: Progress,
) -> ImportReport:
    report = ImportReport(file.path.name)
    while batch := list(islice(drafts, _EVENTS_PER_CALL)):
        known = await _known_items(services, batch)
        good: dict[str, Draft] = {}
        for draft in batch:
            checked = with_known_items(draft, known) if isinstance(draft, Draft) else draft
            if isinstance(checked, Refused):
                report.refuse(checked.rows)
            else:
                good[f"{file.digest}:{checked.rows[0].line}"] = checked
        if good:
            events = [_event(event_id, source, draft) for event_id, draft in good.items()]
            for one in await services.intake.accept_events(_PRINCIPAL, source, events):
                rows = len(good[one.event_id].rows)
                report.duplicates += rows if one.duplicate else 0
                report.accepted += 0 if one.duplicate else rows
        progress(max(row.line for draft in batch for row in draft.rows), file.lines)
    return report


async def _known_items(services: Services, batch: Iterable[Draft | Refused]) -> dict[str, Quantity]:
    """The items that exist, with the step they are counted in. What does not fit them would only
    fail in the worker, where the person who imports does not see it."""
    skus = {row.cells["sku"] for draft in batch if isinstance(draft, Draft) for row in draft.rows}
    items = await services.catalogue.items(_PRINCIPAL, sorted(skus)) if skus else {}
    return {sku: item.quantity_step for sku, item in items.items()}


def _event(event_id: str, source: str, draft: Draft) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": draft.type,
        "time": draft.time.isoformat(),
        "data": draft.data,
    }
