"""X12 855: what a supplier promises of an order."""

from collections.abc import Generator, Iterator
from datetime import datetime
from typing import Final

from hub.domain.values import Quantity
from workers.formats.edi.faults import ELEMENT_CODE, BadElement, Fault, error, warning
from workers.formats.edi.segments import Segment
from workers.formats.edi.stock import in_units, quantity_of
from workers.formats.edi.supply import arrival_of, document_of, supply_change, supply_key
from workers.formats.edi.x12.document import (
    PAIRS_FROM_PO1,
    SetContext,
    is_receiver,
    item_of,
    moment_in,
    party_of,
    whole,
)
from workers.formats.reading import Change, Place

ACCEPTED: Final = {"IA", "IC", "IE", "IP", "IQ", "DR", "AC", "AR", "AA", "IS"}
BACKORDERED: Final = {"IB", "BP", "SP"}
HELD: Final = {"IF", "IH", "IW"}
REJECTED: Final = {"IR", "ID", "RJ", *(f"R{number}" for number in range(1, 9))}
_REFUSED_WHOLE: Final = {"RD", "RJ", "RF", "RO"}
_PAIRS_FROM_ACK: Final = 7
MAX_ANSWERS: Final = 100
"""To one line of an order."""
MAX_REASONS: Final = 10
_Arrival = Generator[Fault, None, datetime | None]


def read_order_answer(body: Iterator[Segment], context: SetContext) -> Iterator[Change | Fault]:
    """The supply that an 855 promises, or takes back, line by line."""
    reader = _OrderAnswer(context)
    for segment in body:
        yield from reader.take(segment)
    yield from reader.close_line()
    yield from reader.close()


class _OrderAnswer:
    def __init__(self, context: SetContext) -> None:
        self._options = context.options
        self._location = context.options.location or context.receiver
        self._told_at = context.sent_at
        self._order = ""
        self._refused: Segment | None = None
        self._reasons: list[str] = []
        self._lines = 0
        self._line: Segment | None = None
        self._dates: dict[str, datetime] = {}
        self._line_dates: dict[str, datetime] = {}
        self._answers: list[Segment] = []

    def take(self, segment: Segment) -> Iterator[Change | Fault]:
        """The next segment, and what it completes."""
        if segment.tag == "PO1":
            yield from self.close_line()
            self._line, self._line_dates, self._answers = segment, {}, []
            self._lines += 1
        elif segment.tag == "ACK" and self._line is not None:
            if len(self._answers) < MAX_ANSWERS:
                self._answers.append(segment)
        elif segment.tag == "BAK":
            self._order = whole(segment, 3)
            if segment.get(2) in _REFUSED_WHOLE:
                self._refused = segment
        elif segment.tag == "DTM":
            yield from self._date(segment)
        elif is_receiver(segment, self._options) and self._line is None:
            self._location = party_of(segment) or self._location
        elif segment.tag in ("N9", "MTX", "MSG", "NTE") and len(self._reasons) < MAX_REASONS:
            self._reasons.append(" ".join(filter(None, (part[0] for part in segment.elements[1:]))))

    def close(self) -> Iterator[Fault]:
        """What is to say of the whole order."""
        if self._refused is not None:
            why = f": {'; '.join(self._reasons)}" if self._reasons else ""
            problem = f"order {self._order} is refused by the supplier{why}"
            yield error("ORDER_REFUSED", problem[:500], self._refused, 2)
        elif not self._lines:
            yield warning("NO_LINES", f"the answer to order {self._order} has no lines")

    def close_line(self) -> Iterator[Change | Fault]:
        """What the answers to a line come to."""
        line, self._line = self._line, None
        if line is None:
            return
        try:
            yield from self._promise(line)
        except BadElement as bad:
            yield bad.fault

    def _date(self, segment: Segment) -> Iterator[Fault]:
        if segment.get(1) not in (*self._options.eta_dates, *self._options.ship_dates):
            return
        moment = moment_in(segment, 2, 3, self._options, 4)
        if isinstance(moment, Fault):
            yield moment
        elif moment is not None:
            dates = self._dates if self._line is None else self._line_dates
            dates[segment.get(1)] = moment

    def _promise(self, line: Segment) -> Iterator[Change | Fault]:
        sku = item_of(line, PAIRS_FROM_PO1, self._options)
        document = document_of(self._order, whole(line, 1)) if self._order else ""
        promised: list[tuple[Quantity, datetime | None]] = []
        rejected = backordered = False
        for answer in self._answers:
            code = answer.get(1)
            if code in REJECTED:
                rejected = True
            elif code in HELD:
                problem = f"{code}: the supplier holds the line until something is settled"
                yield warning("HELD", problem, answer, 1)
            elif code in ACCEPTED | BACKORDERED:
                backordered = backordered or code in BACKORDERED
                if code == "IS":
                    sku = item_of(answer, _PAIRS_FROM_ACK, self._options) or sku
                eta = yield from self._arrival(answer)
                promised.append((self._units(answer, line), eta))
            else:
                problem = f"{code!r} is no answer to an order line that is known here"
                yield error("UNKNOWN_ANSWER", problem, answer, 1, ELEMENT_CODE)
        key = supply_key(sku, self._location, document, line, self._options)
        if isinstance(key, Fault):
            yield key
            return
        if promised:
            etas = [eta for _, eta in promised if eta is not None]
            if len(set(etas)) > 1:
                problem = "comes at several dates; all of it is expected at the last of them"
                yield warning("SEVERAL_DATES", problem, line)
            eta = max(etas) if len(etas) == len(promised) else None
            if eta is None and backordered:
                problem = "is backordered, and no date of arrival is told"
                yield warning("NO_DATE", problem, line)
            quantity = sum(part for part, _ in promised)
            yield supply_change(key, quantity, eta, line, self._told_at)
        elif rejected:
            place = Place(line.number, line.tag)
            yield Change("supply.cancelled", key._asdict(), place, self._told_at)
        elif not self._answers:
            yield warning("NO_ANSWER", "has no ACK: the supplier says nothing of the line", line)

    def _units(self, answer: Segment, line: Segment) -> Quantity:
        """What an ACK promises; without a quantity of its own all that the line orders."""
        segment, place = (answer, 2) if answer.get(2) else (line, 2)
        quantity = quantity_of(segment, place)
        if quantity < 0:
            raise BadElement(error("BAD_ELEMENT", "must not be negative", segment, place, "7"))
        return in_units(quantity, segment.get(place + 1), segment, place + 1, self._options)

    def _arrival(self, answer: Segment) -> _Arrival:
        qualifier = answer.get(4)
        dates = {**self._dates, **self._line_dates}
        known = (*self._options.eta_dates, *self._options.ship_dates)
        if answer.get(5) and (not qualifier or qualifier in known):
            moment = moment_in(answer, 5, len(answer.elements), self._options)
            if isinstance(moment, Fault):
                yield moment
            elif moment is not None:
                # The date of the answer itself goes before those of the line and the order.
                dates = {qualifier or self._options.eta_dates[0]: moment}
        return arrival_of(dates, self._options)
