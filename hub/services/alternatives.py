"""What to show in place of items that are out or low, for many items at once."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from hub.domain.alternatives import (
    AlternativeReason,
    Likeness,
    likest,
    may_stand_in,
    ranked,
    wants_alternatives,
)
from hub.domain.availability import Availability
from hub.domain.principal import AccessScope, Principal
from hub.domain.values import UNIT, Quantity, Scope, Sku
from hub.services.catalogue import Catalogue, CatalogueItem, check_page_size
from hub.services.lookup import Lookup

MAX_CANDIDATES: Final = 50
"""Of the items of a family that are read, the likest so many are asked whether they can be had."""

_Candidates = list[tuple[CatalogueItem, Likeness]]


class Alternative(NamedTuple):
    """An item to offer in place of another."""

    item: CatalogueItem
    availability: Availability
    reason: AlternativeReason
    differs_in: tuple[str, ...]


class Alternatives:
    """Looks for them, in at most four statements."""

    def __init__(self, catalogue: Catalogue, lookup: Lookup, max_page: int) -> None:
        self._catalogue = catalogue
        self._lookup = lookup
        self._max_page = max_page

    async def to_items(
        self,
        principal: Principal,
        skus: Sequence[Sku],
        scope: Scope | None = None,
        quantity: Quantity = UNIT,
        first: int = 5,
        always: bool = False,
        with_unavailable: bool = False,
    ) -> dict[Sku, list[Alternative]]:
        """The likest others of each item's family of which so many can be had, at most `first`. Of
        a family with very many items only the first by name are looked at.

        There are none where the item itself can be had and is not low, unless `always`; those that
        cannot be had are left out, unless `with_unavailable`. Raises `UnknownChannel`.
        """
        principal.require(AccessScope.AVAILABILITY_READ)
        check_page_size(first, self._max_page)
        wanted = list(skus)
        if not always:
            answers = await self._lookup.availability(principal, wanted, scope, quantity)
            wanted = [sku for sku, answer in answers.items() if wants_alternatives(answer)]
        candidates = await self._candidates(principal, wanted)
        named = {other.sku for others in candidates.values() for other, _ in others}
        answers = {}
        if named:
            answers = await self._lookup.availability(principal, sorted(named), scope, quantity)
        return {
            sku: _chosen(candidates.get(sku, []), answers, with_unavailable)[:first] for sku in skus
        }

    async def _candidates(
        self, principal: Principal, skus: Sequence[Sku]
    ) -> dict[Sku, _Candidates]:
        if not skus:
            return {}
        items = await self._catalogue.items(principal, skus)
        named = {item.family for item in items.values() if item.family is not None}
        families = await self._catalogue.families(principal, sorted(named)) if named else {}
        return {
            sku: likest(item, families.get(item.family or "", ()), MAX_CANDIDATES)
            for sku, item in items.items()
        }


def _chosen(
    candidates: _Candidates, answers: dict[Sku, Availability], with_unavailable: bool
) -> list[Alternative]:
    known = [
        (other, likeness, answers[other.sku])
        for other, likeness in candidates
        if other.sku in answers and (with_unavailable or may_stand_in(other, answers[other.sku]))
    ]
    return [
        Alternative(other, answer, likeness.reason, likeness.differs_in)
        for other, likeness, answer in ranked(known)
    ]
