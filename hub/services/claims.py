"""Who has a claim on stock, whom a shortfall hits, and what is expected: for those who run it."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from hub.domain.errors import InvalidInput
from hub.domain.principal import AccessScope, Principal
from hub.domain.supply import SupplyLine
from hub.services.catalogue import Page, check_page_size, cursor_of, pages_of, place_from
from hub.store.claims_reads import (
    MAX_AFFECTED,
    MAX_SUPPLY_LINES,
    ClaimPlace,
    Lacking,
    LiveClaim,
    Shortfall,
    read_claims,
    read_shortfalls,
    read_supply_lines,
)
from hub.store.database import Database

__all__ = ["MAX_AFFECTED", "MAX_SUPPLY_LINES", "Claims", "Lacking", "LiveClaim", "Shortfall"]


class Claims:
    """Reads claims and shortfalls, each page in one statement.

    They name holders and orders, so they are for those who may write stock, not for every reader.
    """

    def __init__(self, database: Database, max_page: int) -> None:
        self._database = database
        self._max_page = max_page

    async def of_items(
        self,
        principal: Principal,
        skus: Sequence[str],
        location: str | None,
        first: int,
        after: str | None,
    ) -> dict[str, Page[LiveClaim]]:
        """Who holds units of each item, or waits for them, the oldest first."""
        principal.require(AccessScope.STOCK_WRITE)
        principal.require_exact()
        check_page_size(first, self._max_page)
        place = None if after is None else _claim_place(after)
        found = await read_claims(self._database, skus, location, place, first + 1)
        return pages_of(skus, found, first, lambda claim: claim.line.sku, _claim_cursor)

    async def shortfalls(
        self, principal: Principal, location: str | None, first: int, after: str | None
    ) -> Page[Shortfall]:
        """Where more is promised than there is, by item and location; the oldest claims are
        served first, and those that stock does not reach are affected."""
        principal.require(AccessScope.STOCK_WRITE)
        principal.require_exact()
        check_page_size(first, self._max_page)
        place = None
        if after is not None:
            sku, at = place_from(after, (str, str))
            place = (sku, at)
        found = await read_shortfalls(self._database, location, place, first + 1)
        cursors = [cursor_of([short.sku, short.location]) for short in found[:first]]
        return Page(found[:first], cursors, len(found) > first)

    async def supply_lines(
        self, principal: Principal, sku: str, location: str | None
    ) -> list[SupplyLine]:
        """What is still expected of an item, the earliest first."""
        principal.require(AccessScope.AVAILABILITY_READ)
        principal.require_exact()
        return await read_supply_lines(self._database, sku, location)


def _claim_cursor(claim: LiveClaim) -> str:
    return cursor_of([claim.created_at.isoformat(), claim.reservation, claim.line.line])


def _claim_place(cursor: str) -> ClaimPlace:
    created_at, reservation, line = place_from(cursor, (str, str, int))
    try:
        place = (datetime.fromisoformat(created_at), str(uuid.UUID(reservation)), line)
    except ValueError:
        raise InvalidInput(field="after", problem="is not a cursor of this list") from None
    if place[0].tzinfo is None or not 0 <= line < 2**15:
        raise InvalidInput(field="after", problem="is not a cursor of this list")
    return place
