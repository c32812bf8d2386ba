"""What would become of something a source sends, had it been taken in."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, NamedTuple

from hub.domain.errors import InvalidInput
from hub.domain.guard_rails import Tripped
from hub.domain.principal import Principal
from hub.domain.snapshots import SnapshotState
from hub.domain.source_deliveries import DeliveryFinding
from hub.domain.sources import Source
from hub.domain.values import Quantity
from hub.services.rehearsal import StockMove


class Tried(NamedTuple):
    """What is to be tried."""

    source: Source
    """It need not be put yet."""
    content: bytes
    name: str | None = None
    """Of the file."""
    as_of: datetime | None = None
    """When that was so which tells of no time; now, if that is not told either."""


class TriedSnapshot(NamedTuple):
    """What would become of a snapshot."""

    state: SnapshotState
    left_out: int
    """Items that it would set to 0 by leaving them out."""
    report: tuple[Tripped, ...]
    """The guard rails that it would trip."""


class Trial(NamedTuple):
    """What would become of it."""

    read: int
    mapped: int
    ignored: int
    """Rows that are none of the hub's business."""
    refused: int
    warnings: int
    unchanged: int
    """Rows that would change nothing."""
    refused_rows: tuple[DeliveryFinding, ...]
    """The first of them."""
    warning_rows: tuple[DeliveryFinding, ...]
    snapshot: TriedSnapshot | None
    positions: int
    """Positions whose stock would change."""
    before: Quantity
    """Units that these have now."""
    after: Quantity
    moves: tuple[StockMove, ...]
    """The first of the changes, by item and location."""


TrySource = Callable[[Any, Principal, Tried], Awaitable[Trial]]
"""Tells what would become of something, given the services of the process. Only who reads formats
can, so it comes from where the process is put together."""


async def try_nothing(_services: Any, _principal: Principal, tried: Tried) -> Trial:
    """Where there are no formats. Raises `InvalidInput`."""
    problem = f"{tried.source.format} is no format that this process has"
    raise InvalidInput(field="format", problem=problem)
