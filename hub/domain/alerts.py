"""What somebody who runs the stock has to be told: found in the same answers that shoppers get.

An alert opens where a finding `opens` it, and stays open as long as there is such a finding at all:
what is near a mark neither opens an alert nor ends one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from hub.domain.availability import Availability
from hub.domain.item import Item
from hub.domain.messages import Json, Message
from hub.domain.policies import Rules
from hub.domain.position import Position
from hub.domain.source_freshness import SourceState
from hub.domain.values import ChannelId, LocationId, Sku, quantity_number


class AlertKind(StrEnum):
    """What is the matter."""

    LOW_STOCK = "LOW_STOCK"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    BACK_IN_STOCK = "BACK_IN_STOCK"
    LATE_SUPPLY = "LATE_SUPPLY"
    STALE_COUNTS = "STALE_COUNTS"
    SHORTFALL = "SHORTFALL"
    SOURCE_LATE = "SOURCE_LATE"
    SOURCE_FAILING = "SOURCE_FAILING"
    SOURCE_DOUBTFUL = "SOURCE_DOUBTFUL"
    SOURCE_STALE = "SOURCE_STALE"
    SOURCE_CIRCUIT_OPEN = "SOURCE_CIRCUIT_OPEN"


class AlertState(StrEnum):
    """How far one has come with it."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    RESOLVED = "RESOLVED"


class Finding(NamedTuple):
    """Something that is the matter with an item, in a channel or at a location."""

    kind: AlertKind
    sku: Sku
    channel: ChannelId = ""
    location: LocationId = ""
    document: str = ""
    opens: bool = True
    """Whether it opens an alert, and not only keeps one open."""
    facts: Mapping[str, Json] = {}
    """What it rests on, by the names of the parameters of its message."""


class Alert(NamedTuple):
    """Something that was found, and what became of it. What a kind has no use for is None."""

    id: int
    kind: AlertKind
    sku: Sku | None
    channel: ChannelId | None
    location: LocationId | None
    document: str | None
    facts: Mapping[str, Json]
    """As it was when the alert opened."""
    opened_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    resolved_at: datetime | None
    source: str | None = None

    @property
    def state(self) -> AlertState:
        """How far one has come with it."""
        if self.resolved_at is not None:
            return AlertState.RESOLVED
        return AlertState.OPEN if self.acknowledged_at is None else AlertState.ACKNOWLEDGED

    @property
    def message(self) -> Message:
        """What to tell those who run the stock."""
        names = ("sku", "channel", "location", "document", "source")
        subject = {name: getattr(self, name) for name in names}
        known = {name: value for name, value in subject.items() if value is not None}
        return Message(f"ALERT_{self.kind}", {**known, **self.facts}, {})


_OF_SOURCES: Final = {
    SourceState.LATE: AlertKind.SOURCE_LATE,
    SourceState.FAILING: AlertKind.SOURCE_FAILING,
    SourceState.DOUBTFUL: AlertKind.SOURCE_DOUBTFUL,
    SourceState.STALE: AlertKind.SOURCE_STALE,
    SourceState.CIRCUIT_OPEN: AlertKind.SOURCE_CIRCUIT_OPEN,
}


def alert_of_source(state: SourceState) -> AlertKind | None:
    """What is the matter with a source in a state; None where nothing is."""
    return _OF_SOURCES.get(state)


def findings_of_answer(item: Item, answer: Availability, rules: Rules) -> Iterator[Finding]:
    """What is the matter with an item in the channel of an answer. Nothing is with one that is no
    longer sold there, or never was in stock."""
    whole = answer.breakdown
    if item.discontinued or not (whole.locations or answer.components):
        return
    mark = rules.low_stock_mark(item, answer.channel)
    units = whole.available_to_order
    facts: dict[str, Json] = {
        "count": quantity_number(units),
        "mark": quantity_number(mark.value),
        "rule": mark.rule,
    }
    if units <= 0:
        yield Finding(AlertKind.OUT_OF_STOCK, item.sku, answer.channel)
    if not whole.beyond_stock and units < rules.low_stock_end(item, answer.channel):
        # What is sold out has an alert of its own, and is no less low.
        opens = 0 < units <= mark.value
        yield Finding(AlertKind.LOW_STOCK, item.sku, answer.channel, opens=opens, facts=facts)


def findings_at_locations(positions: Iterable[Position], now: datetime) -> Iterator[Finding]:
    """What is the matter with an item at its locations, whoever sells from them."""
    for position in positions:
        sku, location = position.key
        if position.free < 0:
            facts = {"count": quantity_number(-position.free)}
            yield Finding(AlertKind.SHORTFALL, sku, location=location, facts=facts)
        for line in position.supply:
            if line.open and line.eta <= now:
                yield Finding(
                    AlertKind.LATE_SUPPLY,
                    sku,
                    location=location,
                    document=line.document,
                    facts={"count": quantity_number(line.open), "date": line.eta.isoformat()},
                )


def findings_in(
    item: Item,
    answers: Iterable[Availability],
    positions: Sequence[Position],
    rules: Rules,
    now: datetime,
) -> list[Finding]:
    """What is the matter with an item by its answers in all channels, each for one unit, and by its
    positions at `now`."""
    in_channels = (one for answer in answers for one in findings_of_answer(item, answer, rules))
    return [*in_channels, *findings_at_locations(positions, now)]
