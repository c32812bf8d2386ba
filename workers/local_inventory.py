"""Writes Google's local inventory feed of a channel: what each of its locations has, now."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hub.bootstrap import Services
from hub.domain.principal import trusted
from hub.services.feeds.availability import wanted_availability
from workers.formats.google_local import FEED_HEADER, local_inventory

_PRINCIPAL = trusted("export")


@dataclass
class ExportReport:
    """What was written."""

    items: int = 0
    """Items of the hub, with or without a line."""
    lines: int = 0
    """Below the header."""

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {"items": self.items, "lines": self.lines}


async def export_local_inventory(
    services: Services, channel: str, write: Callable[[bytes], Any], *, ahead: bool = True
) -> ExportReport:
    """Write the feed a piece at a time, each as things are when it is read; without `ahead`, what
    can only be ordered ahead is out of stock. Raises `UnknownChannel`."""
    wanted = await wanted_availability(
        services.feeds.parts, _PRINCIPAL, channel, (), None, is_new=True
    )
    report = ExportReport()
    async with services.feeds.snapshot(_PRINCIPAL, wanted) as snapshot:
        write(FEED_HEADER)
        async for piece in snapshot.pieces:
            lines = list(local_inventory(piece, ahead=ahead))
            write(b"".join(lines))
            report.items += len(piece)
            report.lines += len(lines)
    return report
