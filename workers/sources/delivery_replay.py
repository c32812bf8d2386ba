"""Reads again what a source has delivered, by the settings as they are now.

What is in the inbox stays as it is; what could not be read then and can be now is put in.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from hub.bootstrap import Services
from hub.domain.errors import HubError, Unavailable
from hub.domain.principal import Principal
from hub.domain.source_deliveries import SourceDeliveryState
from workers.sources.deliveries import take_delivery


@dataclass
class ReplayedDeliveries:
    """What became of deliveries that were read again."""

    deliveries: int = 0
    refused_deliveries: int = 0
    """Of which nothing can be read this time, either."""
    accepted: int = 0
    """Events that are new to the inbox."""
    duplicates: int = 0
    """Events that were there before."""
    refused: int = 0
    """Rows that were left out, those of refused deliveries included."""

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        figures = asdict(self)
        refused = figures.pop("refused_deliveries")
        return {**figures, "refusedDeliveries": refused}


async def replay_deliveries(
    services: Services, principal: Principal, name: str, begin: datetime | None, end: datetime
) -> ReplayedDeliveries:
    """Read what a source has sent between two times once more, the end not included; without a
    beginning, all until then. Done twice it changes nothing. Raises `SourceNotFound`, and
    `Forbidden` for who is no admin."""
    source = (await services.sources.get(principal, name)).source
    told = ReplayedDeliveries()
    async for delivery in services.source_deliveries.between(principal, name, begin, end):
        told.deliveries += 1
        try:
            taken = await take_delivery(services, principal, source, delivery.received, delivery)
        except Unavailable:
            raise
        except HubError:
            # It is kept with the reason.
            told.refused_deliveries += 1
            told.refused += 1
            continue
        report = taken.kept.report
        told.accepted += report.accepted
        told.duplicates += report.duplicates
        told.refused += report.refused
        told.refused_deliveries += taken.kept.state is SourceDeliveryState.REFUSED
    return told
