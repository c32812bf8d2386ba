"""What goes wrong at the demo's suppliers: an export that says 0 of everything, and an event of an
item that nobody has. Both wait for a person, and neither touches stock.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hub.bootstrap import Services
from hub.domain.principal import trusted
from hub.domain.sources import source_from
from workers.demo.catalogue import LYON, items
from workers.formats.registry import FORMATS
from workers.sources.files import import_file

_PRINCIPAL: Final = trusted("demo-suppliers")
EXPORT: Final = source_from(
    {
        "name": "demo-export-rhone",
        "format": "csv",
        "options": {"snapshot": True},
        "locations": {"names": {"DEPOT-1": LYON}},
    }
)
"""The nightly export of a supplier, as a file of all that there is."""
_MISSPELT: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "demo-misspelt",
    "source": "demo-supplier-maas",
    "type": "stock.adjusted",
    "data": {"sku": "MUGG-FJORD", "location": "RTM", "delta": -2, "reason": "damaged in transit"},
}


async def go_wrong(services: Services) -> None:
    """Send both, once: where their source is, what came of them was decided on, or will be."""
    if await services.sources.find(EXPORT.name) is not None:
        return
    await services.sources.put(_PRINCIPAL, EXPORT)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "stock.csv"
        await asyncio.to_thread(file.write_text, _broken_export())
        await import_file(services, EXPORT, FORMATS[EXPORT.format], file, _tell_nobody)
    await services.intake.accept_events(_PRINCIPAL, _MISSPELT["source"], [_MISSPELT])


def _broken_export() -> str:
    rows = "".join(f"{item.sku},DEPOT-1,0\n" for item in items())
    return f"sku,location,on_hand\n{rows}"


def _tell_nobody(done: int, total: int) -> None:
    pass
