"""Second pass over the Online Retail log: its lines as the events that a live shop would send.

What the log does not say is assumed, and the assumptions are these:

- Stock: `retail_survey.OPENING_RULE`, counted at midnight before the first line.
- Shipping: an order ships in full at 18:00 on its day, one placed later at 18:00 on the next.
- A cancellation names no order: see `retail_returns`. Before shipping it is a cancellation, after
  it a return. Units whose order is not in the log came back all the same, so they are an
  adjustment "return without order".
- Times are taken as UTC.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

from hub.domain.values import OrderId, Sku, quantity_number
from workers.orders.retail_file import (
    LineKind,
    RetailDay,
    RetailLine,
    SetAsideLine,
    SetAsideReason,
    read_days,
    sorted_out,
)
from workers.orders.retail_returns import OrderBook
from workers.orders.retail_survey import Survey

SOURCE: Final = "online-retail"
CHANNEL: Final = "online-retail"
LOCATION: Final = "RETAIL-UK"
_SHIPS_AT: Final = "18:00:00"
_SET_ASIDE_KEPT: Final = 10_000
"""Lines. The counts go on beyond it; only the list of them stops."""

Event = dict[str, Any]


class Outcome(StrEnum):
    """What became of a line. A cancelled line that is split counts as the first that applies."""

    ORDERED = "ordered"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    RETURNED_WITHOUT_ORDER = "returnedWithoutOrder"
    WRITTEN_OFF = "writtenOff"
    FOUND = "found"
    SET_ASIDE = "setAside"


_PREFERRED: Final = (Outcome.CANCELLED, Outcome.RETURNED, Outcome.RETURNED_WITHOUT_ORDER)


class Step(NamedTuple):
    """Events of one day that may be applied together.

    What undoes an order is never in the step of the order itself, so that a watcher gets to see
    the state between.
    """

    day: str
    events: list[Event]
    lines_read: int


@dataclass
class Tally:
    """What became of the lines read so far. Every line is counted once."""

    lines: Counter[Outcome] = field(default_factory=Counter)
    set_aside: Counter[SetAsideReason] = field(default_factory=Counter)
    set_aside_lines: list[SetAsideLine] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)

    @property
    def lines_read(self) -> int:
        """All lines, those set aside included."""
        return sum(self.lines.values())

    def put_aside(self, lines: list[SetAsideLine]) -> None:
        """Count lines that move no stock."""
        if not lines:
            return
        self.lines[Outcome.SET_ASIDE] += len(lines)
        self.set_aside.update(line.reason for line in lines)
        self.set_aside_lines.extend(lines[: _SET_ASIDE_KEPT - len(self.set_aside_lines)])


def opening_events(found: Survey) -> list[Event]:
    """One count per item, at midnight before the first line."""
    at = f"{found.first_day}T00:00:00Z"
    return [
        _event(
            f"opening:{sku}",
            "stock.set",
            at,
            {"sku": sku, "location": LOCATION, "onHand": quantity_number(units), "asOf": at},
        )
        for sku, units in sorted(found.opening.items())
    ]


class RetailLog:
    """The log as steps of events in time order, and the tally of its lines."""

    def __init__(self, path: Path, found: Survey) -> None:
        self.tally = Tally()
        self._path = path
        self._book = OrderBook(found.come_back)
        self._to_ship: dict[OrderId, list[Any]] = {}
        """By order: when it ships, and the units that still will; in shipping order."""
        self._step: list[Event] = []
        self._orders_in_step: set[OrderId] = set()

    def steps(self, limit_lines: int | None = None) -> Iterator[Step]:
        """All steps, or those of the whole days that the first `limit_lines` lines begin.

        Whole days, so that a short replay is a true beginning of the full one.
        """
        for day in read_days(self._path):
            self.tally.put_aside(day.unreadable)
            yield from self._day(day)
            # The day ends at midnight: what ships on it does so before the step is closed.
            self._ship_until(f"{day.day} 23:59:59")
            yield self._closed_step(day.day)
            if limit_lines is not None and self.tally.lines_read >= limit_lines:
                return

    def _day(self, day: RetailDay) -> Iterator[Step]:
        for invoice, lines in day.invoices.items():
            at = lines[0].at
            self._ship_until(at)
            aside: list[SetAsideLine] = []
            ordered: dict[Sku, int] = {}
            cancelled: list[RetailLine] = []
            for kind, line in sorted_out(lines, aside):
                if kind is LineKind.ORDERED:
                    self.tally.lines[Outcome.ORDERED] += 1
                    ordered[line.sku] = ordered.get(line.sku, 0) + line.units
                elif kind is LineKind.CANCELLED:
                    cancelled.append(line)
                else:
                    self._correct(kind, line)
            self.tally.put_aside(aside)
            if ordered:
                self._place(invoice, at, lines[0].customer, ordered)
            if cancelled:
                yield from self._take_back(day.day, invoice, at, cancelled)

    def _place(self, order: OrderId, at: str, customer: str, ordered: dict[Sku, int]) -> None:
        for sku, units in ordered.items():
            self._book.remember(customer, order, sku, units)
        self._to_ship[order] = [_ships(at), sum(ordered.values())]
        lines = [{"sku": sku, "quantity": units} for sku, units in ordered.items()]
        data = {"order": order, "channel": CHANNEL, "lines": lines}
        self._add(f"order:{order}", "order.placed", at, data)

    def _ship_until(self, at: str) -> None:
        while self._to_ship:
            order, (ships, _units) = next(iter(self._to_ship.items()))
            if ships > at:
                return
            del self._to_ship[order]
            self._add(f"ship:{order}", "order.shipped", ships, {"order": order})

    def _correct(self, kind: LineKind, line: RetailLine) -> None:
        found = kind is LineKind.FOUND
        self.tally.lines[Outcome.FOUND if found else Outcome.WRITTEN_OFF] += 1
        remark = line.description.strip() or "no remark"
        reason = f"{'found' if found else 'written off'}: {remark}"
        # A write-off carries its minus sign, so the units of both kinds are the change itself.
        self._adjust(f"adjust:{line.invoice}:{line.number}", line.at, line.sku, line.units, reason)

    def _take_back(
        self, day: str, invoice: str, at: str, cancelled: list[RetailLine]
    ) -> Iterator[Step]:
        by_order: dict[tuple[Outcome, OrderId], dict[Sku, int]] = {}
        without_order: dict[Sku, int] = {}
        for line in cancelled:
            outcomes = set()
            for order, units in self._book.take_back(line.customer, line.sku, -line.units):
                if order is None:
                    outcomes.add(Outcome.RETURNED_WITHOUT_ORDER)
                    without_order[line.sku] = without_order.get(line.sku, 0) + units
                    continue
                outcome = Outcome.CANCELLED if order in self._to_ship else Outcome.RETURNED
                outcomes.add(outcome)
                taken = by_order.setdefault((outcome, order), {})
                taken[line.sku] = taken.get(line.sku, 0) + units
            self.tally.lines[min(outcomes, key=_PREFERRED.index)] += 1
        for number, ((outcome, order), taken) in enumerate(by_order.items(), 1):
            if order in self._orders_in_step:
                yield self._closed_step(day)
            lines = [{"sku": sku, "quantity": units} for sku, units in taken.items()]
            data = {"order": order, "lines": lines}
            if outcome is Outcome.CANCELLED:
                self._strike(order, sum(taken.values()))
                self._add(f"cancel:{invoice}:{number}", "order.cancelled", at, data)
            else:
                self._add(f"return:{invoice}:{number}", "order.returned", at, data)
        for sku, units in without_order.items():
            self._adjust(f"adjust:{invoice}:{sku}", at, sku, units, "return without order")

    def _strike(self, order: OrderId, units: int) -> None:
        """Take cancelled units off what an order will ship; an empty parcel is not sent."""
        self._to_ship[order][1] -= units
        if self._to_ship[order][1] == 0:
            del self._to_ship[order]

    def _adjust(self, event_id: str, at: str, sku: Sku, units: int, reason: str) -> None:
        data = {"sku": sku, "location": LOCATION, "delta": units, "reason": reason}
        self._add(event_id, "stock.adjusted", at, data)

    def _add(self, event_id: str, kind: str, at: str, data: dict[str, Any]) -> None:
        self.tally.events[kind] += 1
        if "order" in data:
            self._orders_in_step.add(data["order"])
        self._step.append(_event(event_id, kind, f"{at[:10]}T{at[11:]}Z", data))

    def _closed_step(self, day: str) -> Step:
        step = Step(day, self._step, self.tally.lines_read)
        self._step = []
        self._orders_in_step = set()
        return step


def _ships(at: str) -> str:
    day = at[:10]
    if at[11:] >= _SHIPS_AT:
        day = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    return f"{day} {_SHIPS_AT}"


def _event(event_id: str, kind: str, time: str, data: dict[str, Any]) -> Event:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": kind,
        "time": time,
        "data": data,
    }
