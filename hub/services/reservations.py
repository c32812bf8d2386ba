"""Holding stock for a cart, and what becomes of the hold."""

import uuid
from collections.abc import Awaitable, Sequence

from hub.domain.audience import Bands, told_refusal
from hub.domain.commands import (
    CancelReservation,
    ChangeReservation,
    Command,
    CommitReservation,
    ExtendReservation,
    FulfilReservation,
    ReleaseReservation,
    Reserve,
    ReturnReservation,
    TransferReservation,
)
from hub.domain.errors import InsufficientStock, InvalidInput, ReservationNotFound
from hub.domain.principal import AccessScope, Audience, Principal
from hub.domain.reservations import HoldStage, Reservation
from hub.domain.values import MAX_QUANTITY, Line, identifier_from, text_from
from hub.services.ids import uuid7
from hub.services.requests import origin_of
from hub.services.rules import RulesCache
from hub.services.stock_writer import StockWriter
from hub.store.database import Database
from hub.store.reads import read_reservations

MAX_LINES = 100


class Reservations:
    """Makes reservations and takes them through their life, each step by the stock writer."""

    def __init__(
        self,
        database: Database,
        writer: StockWriter,
        rules: RulesCache,
        max_hold_ttl_seconds: int,
        bands: Bands,
    ) -> None:
        self._database = database
        self._writer = writer
        self._rules = rules
        self._max_hold_ttl_seconds = max_hold_ttl_seconds
        self._bands = bands

    async def reserve(
        self,
        principal: Principal,
        lines: Sequence[Line],
        channel: str | None = None,
        holder: str | None = None,
        ttl_seconds: int | None = None,
        idempotency_key: str | None = None,
        stage: HoldStage = HoldStage.CART,
        address: str | None = None,
        destination: str | None = None,
    ) -> Reservation:
        """Hold all lines or none. Lines of the same item are one demand.

        Where stock does not reach, units that the same `holder` holds already are taken over.
        The address of a principal that has one counts, and not the one that is given.
        Raises `InsufficientStock` with what is left of each item that falls short, `UnknownSku`,
        `UnknownChannel`, `HoldLimitReached`, `InvalidInput` and the idempotency errors.
        """
        principal.require(AccessScope.RESERVATIONS_HOLD)
        address = principal.address or address
        _check_lines(lines, least=1)
        for name, text in (("holder", holder), ("address", address), ("destination", destination)):
            if text is not None:
                identifier_from(text, name)
        self._check_ttl(ttl_seconds)
        asked = (lines, channel, holder, ttl_seconds, stage, address, destination)
        origin = origin_of(principal, idempotency_key, "reserve", *asked)
        chosen = self._rules.current.channel(channel).id
        return await self._done(
            principal,
            Reserve(
                uuid7(),
                tuple(lines),
                chosen,
                holder,
                ttl_seconds,
                origin,
                stage,
                address,
                destination,
            ),
        )

    async def change(
        self,
        principal: Principal,
        id: str,
        lines: Sequence[Line],
        idempotency_key: str | None = None,
        if_version: int | None = None,
    ) -> Reservation:
        """Let a hold hold so many units of each named item, 0 for none; other items stay as they
        are. All of it or, with an error as of `reserve`, nothing.

        Here and below, a hold that is no longer at `if_version` raises `ReservationChanged`.
        """
        principal.require(AccessScope.RESERVATIONS_HOLD)
        _check_lines(lines, least=0)
        origin = origin_of(principal, idempotency_key, "change", id, lines, if_version)
        return await self._done(
            principal, ChangeReservation(canonical_id(id), tuple(lines), origin, if_version)
        )

    async def extend(
        self,
        principal: Principal,
        id: str,
        ttl_seconds: int | None = None,
        idempotency_key: str | None = None,
        stage: HoldStage | None = None,
        if_version: int | None = None,
    ) -> Reservation:
        """Let a hold last `ttl_seconds` from now, or as long as the rules say for its stage.
        Raises `ReservationEnded` for one that ended."""
        principal.require(AccessScope.RESERVATIONS_HOLD)
        self._check_ttl(ttl_seconds)
        asked = (id, ttl_seconds, stage, if_version)
        origin = origin_of(principal, idempotency_key, "extend", *asked)
        return await self._done(
            principal, ExtendReservation(canonical_id(id), ttl_seconds, origin, stage, if_version)
        )

    async def commit(
        self,
        principal: Principal,
        id: str,
        order: str,
        idempotency_key: str | None = None,
        lines: Sequence[Line] | None = None,
        if_version: int | None = None,
    ) -> Reservation:
        """Allocate a hold, or the named part of it, to an order. Committed again to the same
        order, it stays as it is."""
        principal.require(AccessScope.RESERVATIONS_WRITE)
        identifier_from(order, "order")
        part = _part(lines)
        origin = origin_of(principal, idempotency_key, "commit", id, order, lines, if_version)
        return await self._done(
            principal, CommitReservation(canonical_id(id), order, origin, part, if_version)
        )

    async def release(
        self,
        principal: Principal,
        id: str,
        reason: str | None = None,
        idempotency_key: str | None = None,
        lines: Sequence[Line] | None = None,
        if_version: int | None = None,
    ) -> Reservation:
        """Give a hold, or the named part of it, back. Released again, it stays as it is."""
        principal.require(AccessScope.RESERVATIONS_HOLD)
        if reason is not None:
            text_from(reason, "reason")
        part = _part(lines)
        origin = origin_of(principal, idempotency_key, "release", id, reason, lines, if_version)
        return await self._done(
            principal, ReleaseReservation(canonical_id(id), reason, origin, part, if_version)
        )

    async def transfer(
        self,
        principal: Principal,
        id: str,
        from_location: str,
        to_location: str,
        lines: Sequence[Line] | None = None,
        idempotency_key: str | None = None,
    ) -> Reservation:
        """Let another location of the pool serve what one location holds or has allocated."""
        principal.require(AccessScope.RESERVATIONS_WRITE)
        identifier_from(from_location, "fromLocation")
        identifier_from(to_location, "toLocation")
        part = _part(lines)
        asked = (id, from_location, to_location, lines)
        origin = origin_of(principal, idempotency_key, "transfer", *asked)
        return await self._done(
            principal,
            TransferReservation(canonical_id(id), from_location, to_location, origin, part),
        )

    async def fulfil(
        self,
        principal: Principal,
        id: str,
        lines: Sequence[Line] | None = None,
        idempotency_key: str | None = None,
    ) -> Reservation:
        """Allocated units left the house: the named ones, or all."""
        principal.require(AccessScope.RESERVATIONS_WRITE)
        origin = origin_of(principal, idempotency_key, "fulfil", id, lines)
        return await self._done(
            principal, FulfilReservation(canonical_id(id), origin, _part(lines))
        )

    async def cancel(
        self,
        principal: Principal,
        id: str,
        lines: Sequence[Line] | None = None,
        idempotency_key: str | None = None,
    ) -> Reservation:
        """Give allocated units back: the named ones, or all."""
        principal.require(AccessScope.RESERVATIONS_WRITE)
        origin = origin_of(principal, idempotency_key, "cancel", id, lines)
        return await self._done(
            principal, CancelReservation(canonical_id(id), origin, _part(lines))
        )

    async def give_back(
        self,
        principal: Principal,
        id: str,
        lines: Sequence[Line] | None = None,
        idempotency_key: str | None = None,
    ) -> Reservation:
        """Fulfilled units came back into sellable stock: the named ones, or all."""
        principal.require(AccessScope.RESERVATIONS_WRITE)
        origin = origin_of(principal, idempotency_key, "return", id, lines)
        return await self._done(
            principal, ReturnReservation(canonical_id(id), origin, _part(lines))
        )

    async def by_ids(self, principal: Principal, ids: Sequence[str]) -> dict[str, Reservation]:
        """The reservations that exist among `ids`; a hold past its end reads as EXPIRED."""
        principal.require(AccessScope.AVAILABILITY_READ)
        asked = {id: canonical for id in ids if (canonical := _canonical(id)) is not None}
        found = await read_reservations(self._database, asked.values())
        by_id = {reservation.id: reservation for reservation in found}
        return {id: by_id[canonical] for id, canonical in asked.items() if canonical in by_id}

    def _done(self, principal: Principal, command: Command) -> Awaitable[Reservation]:
        done: Awaitable[Reservation] = self._writer.submit(command)
        return done if principal.audience is Audience.EXACT else self._as_told(done, principal)

    async def _as_told(self, done: Awaitable[Reservation], principal: Principal) -> Reservation:
        try:
            return await done
        except InsufficientStock as refusal:
            # The cause would tell the log, but nobody outside, how much there is.
            raise told_refusal(refusal, principal.audience, self._bands) from None

    def _check_ttl(self, ttl_seconds: int | None) -> None:
        if ttl_seconds is not None and not 1 <= ttl_seconds <= self._max_hold_ttl_seconds:
            raise InvalidInput(
                field="ttlSeconds", problem=f"must be between 1 and {self._max_hold_ttl_seconds}"
            )


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


def _part(lines: Sequence[Line] | None) -> tuple[Line, ...] | None:
    if lines is None:
        return None
    _check_lines(lines, least=1)
    return tuple(lines)


def _check_lines(lines: Sequence[Line], least: int) -> None:
    if not 1 <= len(lines) <= MAX_LINES:
        raise InvalidInput(field="lines", problem=f"must hold 1 to {MAX_LINES} lines")
    for sku, quantity in lines:
        identifier_from(sku, "sku")
        if not least <= quantity <= MAX_QUANTITY:
            bound = "above 0" if least else "0 or more"
            raise InvalidInput(field="quantity", problem=f"must be {bound}")
