"""First pass over the Online Retail log: what the replay must know before it begins.

The log holds no stock levels and no catalogue, so both are derived from it. Only sums are kept, not
lines: memory grows with the number of items and not with the length of the log.
"""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Final, NamedTuple

from hub.domain.values import UNIT, Quantity, Sku
from hub.services.catalogue import CatalogueItem
from workers.orders.retail_file import LineKind, SetAsideLine, read_days, sorted_out

OPENING_RULE: Final = (
    "each item opens with what leaves over the whole log (sold, less cancelled, plus written off, "
    "less found), plus 10 %, and with 100 units at least"
)
_LEAST_OPENING_UNITS: Final = 100

CustomerSku = tuple[str, Sku]


class Survey(NamedTuple):
    """What the first pass found."""

    lines: int
    first_day: str
    opening: dict[Sku, Quantity]
    """The stock each item is assumed to open with, by `OPENING_RULE`."""
    names: dict[Sku, str]
    come_back: frozenset[CustomerSku]
    """What customers cancel somewhere in the log: of nothing else must the orders be remembered."""


def survey(path: Path) -> Survey:
    """Read the whole log once. Raises `InvalidInput` when it is not an Online Retail log."""
    lines = 0
    first_day = ""
    leaving: Counter[Sku] = Counter()
    texts: defaultdict[Sku, Counter[str]] = defaultdict(Counter)
    come_back: set[CustomerSku] = set()
    for day in read_days(path):
        first_day = first_day or day.day
        aside: list[SetAsideLine] = []
        for invoice in day.invoices.values():
            lines += len(invoice)
            for kind, line in sorted_out(invoice, aside):
                if kind is LineKind.ORDERED or kind is LineKind.CANCELLED:
                    leaving[line.sku] += line.units
                    # The free text of a correction is a remark, so it cannot name the item.
                    texts[line.sku][line.description.strip()] += 1
                    if kind is LineKind.CANCELLED and line.customer:
                        come_back.add((line.customer, line.sku))
                else:
                    leaving[line.sku] -= line.units
        lines += len(day.unreadable)
    return Survey(
        lines=lines,
        first_day=first_day,
        opening={sku: _opening(units) for sku, units in leaving.items()},
        names={sku: _name(sku, texts[sku]) for sku in leaving},
        come_back=frozenset(come_back),
    )


def catalogue_of(names: dict[Sku, str]) -> list[CatalogueItem]:
    """The items of the log. Codes with the same five digits are variants of one family."""
    sharing = Counter(sku[:5] for sku in names)
    attributes: dict[str, Any] = {}
    return [
        CatalogueItem(
            sku=sku,
            name=name,
            family=sku[:5] if sharing[sku[:5]] > 1 else None,
            category=None,
            unit="piece",
            discontinued=False,
            attributes=attributes,
        )
        for sku, name in sorted(names.items())
    ]


def _opening(units: int) -> Quantity:
    # Rounded up in integers: a float could differ from one machine to the next.
    return max(_LEAST_OPENING_UNITS, -(-units * 11 // 10)) * UNIT


def _name(sku: Sku, texts: Counter[str]) -> str:
    named = [(count, text) for text, count in texts.items() if text]
    return max(named)[1] if named else sku
