"""What a line of an inventory report says of an item, place by place."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from hub.domain.errors import InvalidInput
from hub.domain.values import (
    UNIT,
    Quantity,
    identifier_from,
    quantity_exact,
    quantity_from,
    quantity_text,
)
from workers.formats.edi.faults import (
    ELEMENT_CODE,
    ELEMENT_MISSING,
    BadElement,
    Fault,
    bad_element,
    error,
    warning,
)
from workers.formats.edi.options import Options, Role
from workers.formats.edi.segments import Segment
from workers.formats.reading import Change, Place

MAX_AMOUNTS: Final = 20_000
"""Of one line: more places than a company has."""
MAX_UNKNOWN_TOLD: Final = 50
"""Qualifiers without a meaning that a document is warned of."""
BY_STORE: Final = "SDQ"
"""The qualifier of quantities that are told store by store."""
_EXPECTED: Final = {Role.ON_ORDER: "on-order", Role.IN_TRANSIT: "in-transit"}


class Amount(NamedTuple):
    """A quantity of a line, and where it is."""

    role: Role
    qualifier: str
    quantity: Quantity
    location: str | None
    segment: Segment


class Report(NamedTuple):
    """What holds for the whole document unless a line says otherwise."""

    as_of: datetime | None
    location: str
    snapshot: bool
    document: str | None = None


def quantity_of(
    segment: Segment, element: int, component: int = 1, comma: bool = False
) -> Quantity:
    """The quantity in an element; raises `BadElement`. A `comma` may be the decimal mark."""
    text = segment.get(element, component)
    if not text:
        missing = "has no quantity"
        raise BadElement(error("BAD_ELEMENT", missing, segment, element, ELEMENT_MISSING))
    # Decimal would read 1E3, 1_000 and Infinity; none of them is a number in EDI.
    allowed = "0123456789.-+," if comma else "0123456789.-+"
    plain = text.replace(",", ".") if set(text) <= set(allowed) else "?"
    try:
        return quantity_from(plain, "quantity")
    except InvalidInput as refused:
        problem = refused.data["problem"].replace(repr(plain), repr(text))
        named = InvalidInput(field="quantity", problem=problem)
        raise bad_element(named, segment, element) from None


def in_units(quantity: Quantity, unit: str, segment: Segment, place: int, options: Options) -> int:
    """A quantity of packs in units of the item; raises `BadElement` for packs of unknown size."""
    held = options.units.get(unit)
    if held is None:
        if unit in options.packs:
            problem = f"{unit} is a pack: say with the option units how many units it holds"
            raise BadElement(error("UNIT", problem, segment, place))
        return quantity
    product, rest = divmod(quantity * held, UNIT)
    if rest:
        raise BadElement(error("UNIT", "is a part of a pack and of a unit", segment, place))
    return product


class UnknownQuantities:
    """Warns of each qualifier that has no meaning once, not at every line."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def tell(self, qualifier: str, segment: Segment) -> Iterator[Fault]:
        """A quantity with this qualifier was passed over."""
        if qualifier not in self._told and len(self._told) < MAX_UNKNOWN_TOLD:
            self._told.add(qualifier)
            problem = (
                f"the quantity {qualifier!r} has no meaning here and is passed over, also where it"
                " comes again; give it one with the option quantities"
            )
            yield warning("UNKNOWN_QUANTITY", problem, segment, 1, ELEMENT_CODE)


class StockLine:
    """The line that is being read: what was said of an item so far."""

    def __init__(self, opening: Segment, options: Options) -> None:
        self.opening = opening
        self.sku: str | None = None
        self.as_of: datetime | None = None
        self.document: str | None = None
        self._amounts: list[Amount] = []
        self._etas: dict[int, datetime] = {}
        self._options = options
        self._broken = False
        self._last: Role | None = None

    @property
    def count(self) -> int:
        """How many quantities were said."""
        return len(self._amounts)

    @property
    def last_role(self) -> Role | None:
        """What the newest quantity says."""
        return self._last

    def refuse(self, fault: Fault) -> Iterator[Fault]:
        """Leave the line out; only its first fault is told."""
        if not self._broken:
            yield fault
        self._broken = True
        self._amounts.clear()
        self._etas.clear()

    def add(self, amount: Amount) -> Iterator[Fault]:
        """Another quantity of the item."""
        self._last = amount.role
        if self._broken or amount.role is Role.IGNORED:
            return
        if len(self._amounts) >= MAX_AMOUNTS:
            problem = f"has over {MAX_AMOUNTS} quantities for one item"
            yield from self.refuse(error("TOO_MANY_QUANTITIES", problem, amount.segment))
            return
        self._amounts.append(amount._replace(segment=amount.segment.bare()))

    def place_last(self, location: str) -> None:
        """Where the newest quantity is."""
        if self._amounts and self._last is not Role.IGNORED:
            self._amounts[-1] = self._amounts[-1]._replace(location=location)

    def place_from(self, number: int, location: str) -> None:
        """Where the quantities from the `number`th on are that no place was told for."""
        self._amounts[number:] = [
            one if one.location else one._replace(location=location)
            for one in self._amounts[number:]
        ]

    def expect_last(self, eta: datetime) -> None:
        """When the newest quantity arrives."""
        if self._amounts and self._last is not Role.IGNORED:
            self._etas[len(self._amounts) - 1] = eta

    def readings(self, report: Report) -> Iterator[Change | Fault]:
        """The changes of the line, once it is complete."""
        if self._broken:
            return
        if self.sku is None:
            kinds = ", ".join(self._options.sku)
            problem = f"names no item by one of {kinds} (option sku)"
            yield error("NO_ITEM", problem, self.opening, None, "8")
            return
        if self._last is None:
            yield warning("NO_QUANTITY", "tells no quantity of the item", self.opening)
            return
        places: dict[str, list[tuple[Amount, datetime | None]]] = {}
        by_store = {one.role for one in self._amounts if one.qualifier == BY_STORE}
        for number, amount in enumerate(self._amounts):
            if amount.location is None and amount.role in by_store:
                # The sum of what is told store by store.
                continue
            told = (amount, self._etas.get(number))
            places.setdefault(amount.location or report.location, []).append(told)
        try:
            identifier_from(self.sku, "sku")
            identifier_from(self._document(report, Role.IN_TRANSIT), "document")
            for location in places:
                identifier_from(location, "location")
        except InvalidInput as refused:
            yield bad_element(refused, self.opening, len(self.opening.elements)).fault._replace(
                element=None, told=None
            )
            return
        for location, amounts in places.items():
            yield from self._at(location, amounts, report)

    def _at(
        self, location: str, told: list[tuple[Amount, datetime | None]], report: Report
    ) -> Iterator[Change | Fault]:
        as_of = self.as_of or report.as_of
        try:
            said = self._stock_of([amount for amount, _ in told])
        except BadElement as refused:
            yield refused.fault
            return
        if said is not None:
            on_hand, unavailable = said
            data: dict[str, Any] = {
                "sku": self.sku,
                "location": location,
                "onHand": quantity_exact(on_hand),
            }
            if unavailable is not None:
                data["unavailable"] = quantity_exact(unavailable)
            if as_of is not None:
                data["asOf"] = as_of.isoformat()
            place = Place(self.opening.number, self.opening.tag)
            yield Change("stock.set", data, place, as_of, snapshot=report.snapshot)
        for role in _EXPECTED:
            of_role = [one for one in told if one[0].role is role]
            yield from self._expected(location, role, of_role, report._replace(as_of=as_of))

    def _stock_of(self, amounts: list[Amount]) -> tuple[Quantity, Quantity | None] | None:
        """On hand, and of it unavailable; None if nothing is said of either."""
        on_hand = self._one(amounts, Role.ON_HAND)
        available = self._one(amounts, Role.AVAILABLE)
        held = self._sum(amounts, Role.UNAVAILABLE)
        if on_hand is None and available is None:
            return None
        if available is None:
            assert on_hand is not None
            return on_hand, held
        if on_hand is None:
            return available + (held or 0), held
        # What can be sold is the sender's last word, whatever he holds back for.
        return on_hand, max(0, on_hand - available)

    def _one(self, amounts: list[Amount], role: Role) -> Quantity | None:
        found = [one for one in amounts if one.role is role]
        first_of: dict[str, Quantity] = {}
        for one in found:
            if one.qualifier in first_of and not self._options.add_repeated:
                problem = f"says {one.qualifier} of the same item and place again"
                raise BadElement(error("REPEATED_QUANTITY", problem, one.segment))
            first_of[one.qualifier] = first_of.get(one.qualifier, 0) + one.quantity
        if len(set(first_of.values())) > 1:
            said = ", ".join(f"{code} {quantity_text(of)}" for code, of in first_of.items())
            problem = f"tells {role.value} in several ways that differ: {said}"
            raise BadElement(error("CONTRADICTION", problem, found[-1].segment))
        return next(iter(first_of.values()), None)

    def _sum(self, amounts: list[Amount], role: Role) -> Quantity | None:
        found = [one for one in amounts if one.role is role]
        for one in found:
            if one.quantity < 0:
                problem = "must not be negative"
                raise BadElement(error("BAD_ELEMENT", problem, one.segment, None, ELEMENT_CODE))
        return sum(one.quantity for one in found) if found else None

    def _document(self, report: Report, role: Role) -> str:
        """The same in each report, so that the next one replaces what this one told."""
        return f"{self.document or report.document or 'report'}/{_EXPECTED[role]}"

    def _expected(
        self,
        location: str,
        role: Role,
        told: list[tuple[Amount, datetime | None]],
        report: Report,
    ) -> Iterator[Change | Fault]:
        document = self._document(report, role)
        for number, (amount, eta) in enumerate(told, start=1):
            if eta is None and amount.quantity == 0:
                # Nothing is expected any more: takes back what an earlier report told.
                eta = report.as_of
            if eta is None:
                problem = f"{amount.qualifier} without a date of arrival is not expected by anybody"
                yield warning("NO_DATE", problem, amount.segment)
                continue
            if amount.quantity < 0:
                yield error("BAD_ELEMENT", "must not be negative", amount.segment, 2, ELEMENT_CODE)
                continue
            data = {
                "sku": self.sku,
                "location": location,
                "quantity": quantity_exact(amount.quantity),
                "eta": eta.isoformat(),
                "document": document if number == 1 else f"{document[:58]}-{number}",
            }
            place = Place(amount.segment.number, amount.segment.tag)
            yield Change("supply.scheduled", data, place, report.as_of)
