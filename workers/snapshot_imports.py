"""Takes a CSV file in as a whole snapshot: good rows are staged, bad ones reported by line."""

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Final

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput
from hub.domain.guard_rails import GuardRails
from hub.domain.principal import trusted
from hub.domain.snapshots import CountedRow, Missing, RefusedRow, Snapshot, Whole
from hub.domain.values import LocationId, Sku, identifier_from
from workers.csv_rows import BadRow, CsvFile, open_csv, read_rows
from workers.imported_rows import STOCK_COLUMNS, counted_row
from workers.imports import Progress

_PRINCIPAL: Final = trusted("import")
_DEFAULT_RAILS: Final = GuardRails()


async def import_snapshot(
    services: Services,
    path: Path,
    source: str,
    missing: Missing,
    progress: Progress,
    rails: GuardRails = _DEFAULT_RAILS,
) -> Snapshot:
    """What became of a file of counts, with the columns of `import_stock`, as all that its source
    has. The same file of the same date goes on where it was left. Raises `InvalidInput` when the
    file as a whole cannot be read, and what `Snapshots.take` raises."""
    file = open_csv(path, services.clock.now())
    if missing is Missing.ZERO and not file.ends:
        problem = "its last line has no end; if it is whole all the same, end it with a line end"
        raise InvalidInput(field="file", problem=f"may have been cut off: {problem}")
    locations = {location.id for location in await services.catalogue.locations(_PRINCIPAL)}
    rows = _rows(file, locations)
    # A file that is none of counts is refused before anything is stored.
    first = list(islice(rows, 1))
    whole = Whole(source, f"{path.name[:400]} {file.digest}", missing, rails=rails)

    def tell(done: int, total: int) -> None:
        # While the lines are read nobody else knows how many there are.
        progress(done, total or file.lines)

    return await services.snapshots.take(_PRINCIPAL, whole, chain(first, rows), tell)


def _rows(file: CsvFile, locations: set[LocationId]) -> Iterator[CountedRow | RefusedRow]:
    for row in read_rows(file, *STOCK_COLUMNS):
        if isinstance(row, BadRow):
            yield RefusedRow(row.line, None, None, None, InvalidInput.code, row.reason)
            continue
        try:
            yield counted_row(row, locations, file.modified_at)
        except InvalidInput as error:
            # What it is about still has a row, and is not left out.
            location = row.cells["location"]
            yield RefusedRow(
                row.line,
                error.field,
                _named(row.cells["sku"]),
                location if location in locations else None,
                error.code,
                error.problem,
            )


def _named(sku: Sku) -> Sku | None:
    """The item that a row is about; None where no item can have such a name: it may be any."""
    try:
        return identifier_from(sku, "sku")
    except InvalidInput:
        return None
