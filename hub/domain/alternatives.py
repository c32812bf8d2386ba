"""What to show in place of an item that is out or low: the likest items that can be had."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from hub.domain.availability import Availability
from hub.domain.policies import UNLIMITED
from hub.domain.status import AvailabilityStatus
from hub.domain.values import Quantity, Sku


class Described(Protocol):
    """An item as the catalogue describes it."""

    @property
    def sku(self) -> Sku: ...
    @property
    def discontinued(self) -> bool: ...
    @property
    def attributes(self) -> Mapping[str, Any]: ...


D = TypeVar("D", bound=Described)


class AlternativeReason(StrEnum):
    """Why an item is offered in place of another."""

    ONE_DIFFERENCE = "ONE_DIFFERENCE"
    SAME_FAMILY = "SAME_FAMILY"


class Likeness(NamedTuple):
    """How like one item is to another."""

    share: float
    """1.0 where all attributes are equal, 0.0 where none is."""
    differs_in: tuple[str, ...]
    """The attributes in which they differ, by name."""

    @property
    def reason(self) -> AlternativeReason:
        """The same as a reason to offer the one for the other."""
        one = len(self.differs_in) == 1
        return AlternativeReason.ONE_DIFFERENCE if one else AlternativeReason.SAME_FAMILY


_READINESS: Final = {
    AvailabilityStatus.IN_STOCK: 0,
    AvailabilityStatus.LIMITED_AVAILABILITY: 1,
    AvailabilityStatus.BACK_ORDER: 2,
    AvailabilityStatus.PRE_ORDER: 3,
}
_NOT_TO_BE_HAD: Final = 4


def wants_alternatives(answer: Availability) -> bool:
    """Whether others help: the item is out, low, or has not what was asked for."""
    return not answer.can_fulfil or answer.status is not AvailabilityStatus.IN_STOCK


def likeness_of(item: Described, other: Described) -> Likeness:
    """How like two items are by what the catalogue says of them. Numbers are like each other by
    their ratio, all else is equal or not."""
    mine, its = item.attributes, other.attributes
    names = sorted({*mine, *its})
    if not names:
        return Likeness(0.0, ())
    shares = {name: _likeness(mine.get(name), its.get(name)) for name in names}
    differing = tuple(name for name, share in shares.items() if share < 1)
    return Likeness(sum(shares.values()) / len(names), differing)


def likest(item: Described, family: Iterable[D], most: int) -> list[tuple[D, Likeness]]:
    """The others of the family, the likest first."""
    others = [(other, likeness_of(item, other)) for other in family if other.sku != item.sku]
    others.sort(key=lambda pair: (-pair[1].share, pair[0].sku))
    return others[:most]


def may_stand_in(other: Described, answer: Availability) -> bool:
    """Whether an item can be had in place of another, as many as were asked for."""
    return answer.can_fulfil and not other.discontinued


def ranked(
    candidates: Iterable[tuple[D, Likeness, Availability]],
) -> list[tuple[D, Likeness, Availability]]:
    """By likeness, then by how soon and how surely they can be had."""
    return sorted(candidates, key=_rank)


def _rank(candidate: tuple[D, Likeness, Availability]) -> tuple[float, bool, int, Quantity, Sku]:
    other, likeness, answer = candidate
    readiness = _READINESS.get(answer.status, _NOT_TO_BE_HAD)
    # An audience that is told bands learns nothing from the order, either.
    units = UNLIMITED if answer.quantity is None else answer.quantity
    return -likeness.share, not answer.can_fulfil, readiness, -units, other.sku


def _likeness(mine: Any, its: Any) -> float:
    if mine == its:
        return 1.0
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (mine, its))
    if not numbers or mine * its <= 0:
        return 0.0
    return float(min(abs(mine), abs(its)) / max(abs(mine), abs(its)))
