"""What an audience may know of an answer: all of it, or a band in place of each number of units.

Applied where answers leave the services, so that no edge can forget it. An answer told as a band
holds no number of units any more, but for those that were asked for.
"""

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Any, Final, NamedTuple

from hub.domain.availability import Availability
from hub.domain.errors import InsufficientStock
from hub.domain.messages import Message
from hub.domain.principal import Audience
from hub.domain.promise import Promise
from hub.domain.values import UNIT, Quantity, Sku

_TELLABLE_EVIDENCE: Final = ("countedAt", "rule", "supplyLineEta", "releasedAt")
"""What a claim may rest on openly; what is new and counts units stays hidden by itself."""


class Bands(NamedTuple):
    """The bands in which quantities are told, by their lower bounds in whole units."""

    bounds: tuple[int, ...] = (1, 5, 10)

    def of(self, quantity: Quantity) -> str:
        """The band of a quantity: with the bounds 1, 5, 10 it is "0", "1-4", "5-9" or "10+", and
        "<1" for a part of a unit."""
        if quantity <= 0:
            return "0"
        if quantity >= self.bounds[-1] * UNIT:
            return f"{self.bounds[-1]}+"
        if quantity < self.bounds[0] * UNIT:
            return f"<{self.bounds[0]}"
        for low, high in pairwise(self.bounds):
            if quantity < high * UNIT:
                return str(low) if high == low + 1 else f"{low}-{high - 1}"
        raise AssertionError("bounds ascend")


def told(answer: Availability, audience: Audience, bands: Bands) -> Availability:
    """The answer as an audience may know it."""
    if audience is Audience.EXACT:
        return answer
    return answer._replace(
        parts=None,
        band=bands.of(answer.breakdown.available_to_order),
        message=_told_message(answer.message),
        components=tuple(one._replace(available_to_order=None) for one in answer.components),
        supply=(),
        dated=_told_promise(answer.promise),
        # Who has gone silent is the business of the operations.
        stale_since=None,
    )


def told_all(
    answers: dict[Sku, Availability], audience: Audience, bands: Bands
) -> dict[Sku, Availability]:
    """The same for many answers by sku."""
    if audience is Audience.EXACT:
        return answers
    return {sku: told(answer, audience, bands) for sku, answer in answers.items()}


def told_refusal(refusal: InsufficientStock, audience: Audience, bands: Bands) -> InsufficientStock:
    """A refusal for lack of stock as an audience may know it."""
    if audience is Audience.EXACT:
        return refusal
    lines: Sequence[dict[str, Any]] = refusal.data["lines"]
    return InsufficientStock(
        lines=[{**line, "available": None, "band": bands.of(line["available"])} for line in lines]
    )


def _told_message(message: Message) -> Message:
    evidence = {
        name: value for name, value in message.evidence.items() if name in _TELLABLE_EVIDENCE
    }
    if message.code == "ONLY_N_LEFT":
        return Message("LOW_STOCK", {}, evidence)
    return message._replace(evidence=evidence)


def _told_promise(promise: Promise) -> Promise:
    lines = (line._replace(quantity=None, document=None) for line in promise)
    # Two documents of one date look the same now.
    return tuple(line for line, _ in groupby(lines))
