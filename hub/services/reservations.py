"""Holding stock for a cart, and what becomes of the hold."""

import uuid
from collections.abc import Sequence

from hub.domain.commands import (
    CommitReservation,
    ExtendReservation,
    ReleaseReservation,
    Reserve,
)
from hub.domain.errors import InvalidInput, ReservationNotFound
from hub.domain.principal import AccessScope, Principal
from hub.domain.reservations import Reservation
from hub.domain.values import MAX_QUANTITY, Line, identifier_from, text_from
from hub.services.ids import uuid7
from hub.services.requests import origin_of
from hub.services.rules import RulesCache
from hub.services.stock_writer import StockWriter
from hub.store.database import Database
from hub.store.reads import read_reservations

MAX_LINES = 100


class Reservations:
    """Makes, extends, commits and releases reservations, each through the stock writer."""

    def __init__(
        self,
        database: Database,
        writer: StockWriter,
        rules: RulesCache,
        hold_ttl_seconds: int,
        max_hold_ttl_seconds: int,
    ) -> None:
        self._database = database
        self._writer = writer
        self._rules = rules
        self._hold_ttl_seconds = hold_ttl_seconds
        self._max_hold_ttl_seconds = max_hold_ttl_seconds

    async def reserve(
        self,
        principal: Principal,
        lines: Sequence[Line],
        channel: str | None = None,
        holder: str | None = None,
        ttl_seconds: int | None = None,
        idempotency_key: str | None = None,
    ) -> Reservation:
        """Hold all lines or none. Lines of the same item are one demand.

        Raises `InsufficientStock` with what is left of each item that falls short, `UnknownSku`,
        `UnknownChannel`, `InvalidInput` and `IdempotencyMismatch`.
        """
        principal.require(AccessScope.RESERVATIONS_WRITE)
        if not 1 <= len(lines) <= MAX_LINES:
            raise InvalidInput(field="lines", problem=f"must hold 1 to {MAX_LINES} lines")
        for sku, quantity in lines:
            identifier_from(sku, "sku")
            if not 0 < quantity <= MAX_QUANTITY:
                raise InvalidInput(field="quantity", problem="must be above 0")
        if holder is not None:
            identifier_from(holder, "holder")
        ttl = self._ttl(ttl_seconds)
        origin = origin_of(
            principal, idempotency_key, "reserve", lines, channel, holder, ttl_seconds
        )
        command = Reserve(
            str(uuid7()),
            tuple(lines),
            self._rules.current.channel(channel).id,
            holder,
            ttl,
            origin,
        )
        reservation: Reservation = await self._writer.submit(command)
        return reservation

    async def extend(
        self,
        principal: Principal,
        id: str,
        ttl_seconds: int | None = None,
        idempotency_key: str | None = None,
    ) -> Reservation:
        """Let a hold last `ttl_seconds` from now. Raises `ReservationEnded` for one that ended."""
        principal.require(AccessScope.RESERVATIONS_WRITE)
        origin = origin_of(principal, idempotency_key, "extend", id, ttl_seconds)
        command = ExtendReservation(canonical_id(id), self._ttl(ttl_seconds), origin)
        reservation: Reservation = await self._writer.submit(command)
        return reservation

    async def commit(
        self, principal: Principal, id: str, order: str, idempotency_key: str | None = None
    ) -> Reservation:
        """Allocate a hold to an order. Committed again to the same order, it stays as it is."""
        principal.require(AccessScope.RESERVATIONS_WRITE)
        identifier_from(order, "order")
        origin = origin_of(principal, idempotency_key, "commit", id, order)
        reservation: Reservation = await self._writer.submit(
            CommitReservation(canonical_id(id), order, origin)
        )
        return reservation

    async def release(
        self,
        principal: Principal,
        id: str,
        reason: str | None = None,
        idempotency_key: str | None = None,
    ) -> Reservation:
        """Give a hold back. Released again, it stays as it is."""
        principal.require(AccessScope.RESERVATIONS_WRITE)
        if reason is not None:
            text_from(reason, "reason")
        origin = origin_of(principal, idempotency_key, "release", id, reason)
        reservation: Reservation = await self._writer.submit(
            ReleaseReservation(canonical_id(id), reason, origin)
        )
        return reservation

    async def by_ids(self, principal: Principal, ids: Sequence[str]) -> dict[str, Reservation]:
        """The reservations that exist among `ids`; a hold past its end reads as EXPIRED."""
        principal.require(AccessScope.AVAILABILITY_READ)
        asked = {id: canonical for id in ids if (canonical := _canonical(id)) is not None}
        found = await read_reservations(self._database, asked.values())
        by_id = {reservation.id: reservation for reservation in found}
        return {id: by_id[canonical] for id, canonical in asked.items() if canonical in by_id}

    def _ttl(self, ttl_seconds: int | None) -> int:
        ttl = self._hold_ttl_seconds if ttl_seconds is None else ttl_seconds
        if not 1 <= ttl <= self._max_hold_ttl_seconds:
            raise InvalidInput(
                field="ttlSeconds", problem=f"must be between 1 and {self._max_hold_ttl_seconds}"
            )
        return ttl


def canonical_id(id: str) -> str:
    """The id as the ledger writes it; `ReservationNotFound` for one it cannot have given out."""
    canonical = _canonical(id)
    if canonical is None:
        raise ReservationNotFound(id=id)
    return canonical


def _canonical(id: str) -> str | None:
    try:
        return str(uuid.UUID(id))
    except ValueError:
        return None
