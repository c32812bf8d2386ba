"""Reservations: made, read, taken on, given back."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field, TypeAdapter
from starlette.responses import Response

from hub.domain.errors import (
    HoldLimitReached,
    InsufficientStock,
    ReservationChanged,
    ReservationEnded,
    ReservationLineMismatch,
    ReservationNotFound,
    UnknownChannel,
    UnknownSku,
)
from hub.domain.principal import AccessScope
from hub.domain.reservations import HoldStage, Reservation
from hub.domain.values import Line
from hub.services.reservations import MAX_LINES
from hub.web.rest.answers import json_answer, reservation_answer
from hub.web.rest.conditions import expected_version, reservation_tag, revalidated
from hub.web.rest.inputs import Identifier, Input, Quantity, QuantityAboveZero, Text, Whole
from hub.web.rest.operations import Answer, Body, Call, Operation

EXAMPLE_ID = "01989f3c-7a1e-7c4b-9a55-6f2f3f0f4e11"


class ReserveLine(Input):
    """So many units of one item."""

    described_as: ClassVar[str] = "ReserveLineInput"
    sku: Identifier
    quantity: QuantityAboveZero


class ReservationPart(Input):
    """So many units of one item of a reservation."""

    described_as: ClassVar[str] = "ReservationLineInput"
    sku: Identifier
    quantity: Quantity


class Reserve(Input):
    """A hold on all lines together, or on none."""

    described_as: ClassVar[str] = "ReserveInput"
    lines: list[ReserveLine] = Field(min_length=1, max_length=MAX_LINES, fail_fast=True)
    channel: Identifier | None = None
    holder: Identifier | None = None
    stage: HoldStage = HoldStage.CART
    destination: Identifier | None = None
    address: Identifier | None = None
    ttl_seconds: Whole | None = Field(None, ge=1)


class Change(Input):
    """Let the hold hold other quantities: all of them, or it stays as it is."""

    described_as: ClassVar[str] = "ChangeReservationInput"
    action: Literal["CHANGE"]
    lines: list[ReservationPart] = Field(min_length=1, max_length=MAX_LINES, fail_fast=True)


class Extend(Input):
    """Give the hold more time, or let it enter another stage."""

    described_as: ClassVar[str] = "ExtendReservationInput"
    action: Literal["EXTEND"]
    ttl_seconds: Whole | None = Field(None, ge=1)
    stage: HoldStage | None = None


class Commit(Input):
    """Allocate the units of the hold, or a part of them, to an order."""

    described_as: ClassVar[str] = "CommitReservationInput"
    action: Literal["COMMIT"]
    order: Identifier
    lines: list[ReservationPart] | None = Field(
        None, min_length=1, max_length=MAX_LINES, fail_fast=True
    )


class Release(Input):
    """Give a part of the units back. `DELETE` gives back all."""

    described_as: ClassVar[str] = "ReleaseReservationInput"
    action: Literal["RELEASE"]
    lines: list[ReservationPart] = Field(min_length=1, max_length=MAX_LINES, fail_fast=True)
    reason: Text | None = None


Step = Annotated[Change | Extend | Commit | Release, Field(discriminator="action")]


class ReleaseQuery(Input):
    """The parameters of a release."""

    reason: Text | None = Field(
        None, description="Why; kept in the ledger.", examples=["cart was emptied"]
    )


async def make(call: Call) -> Response:
    """Hold all lines, or none."""
    given: Reserve = call.body
    reservation = await call.services.reservations.reserve(
        call.principal,
        _lines(given.lines),
        given.channel,
        given.holder,
        given.ttl_seconds,
        call.idempotency_key,
        given.stage,
        given.address,
        given.destination,
    )
    return _answer(reservation, 201, {"Location": f"/v1/reservations/{reservation.id}"})


async def read(call: Call) -> Response:
    """The reservation, ended ones too; 304 where the reader has it already."""
    id = call.path["id"]
    found = (await call.services.reservations.by_ids(call.principal, [id])).get(id)
    if found is None:
        raise ReservationNotFound(id=id)
    answer = reservation_answer(found)
    return revalidated(answer, reservation_tag(answer), call.headers)


async def take_on(call: Call) -> Response:
    """One step of the life of a hold."""
    step: Change | Extend | Commit | Release = call.body
    known = (call.principal, call.path["id"])
    key, version = call.idempotency_key, expected_version(call.headers.get("if-match"))
    service = call.services.reservations
    if isinstance(step, Change):
        done = service.change(*known, _lines(step.lines), key, version)
    elif isinstance(step, Extend):
        done = service.extend(*known, step.ttl_seconds, key, step.stage, version)
    elif isinstance(step, Commit):
        part = None if step.lines is None else _lines(step.lines)
        done = service.commit(*known, step.order, key, part, version)
    else:
        done = service.release(*known, step.reason, key, _lines(step.lines), version)
    return _answer(await done)


async def release(call: Call) -> Response:
    """Give all units of a hold back."""
    query: ReleaseQuery = call.query
    version = expected_version(call.headers.get("if-match"))
    released = await call.services.reservations.release(
        call.principal, call.path["id"], query.reason, call.idempotency_key, if_version=version
    )
    return _answer(released)


def _lines(given: Sequence[ReserveLine | ReservationPart]) -> list[Line]:
    return [Line(line.sku, line.quantity) for line in given]


def _answer(
    reservation: Reservation, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    answer = reservation_answer(reservation)
    return json_answer(answer, status, {"ETag": reservation_tag(answer), **(headers or {})})


_OF_STEP = (ReservationNotFound, ReservationEnded, ReservationChanged, ReservationLineMismatch)

OPERATIONS = (
    Operation(
        id="createReservation",
        method="POST",
        path="/reservations",
        tag="Reservations",
        summary="Hold units for a limited time",
        description="Holds all lines or none; then `lines` of the problem says what is left of "
        "each item that falls short. The address of the reservation is in `Location`.",
        scope=AccessScope.RESERVATIONS_HOLD,
        handle=make,
        answer=Answer(201, "The reservation.", "Reservation", tagged=True),
        refusals=(InsufficientStock, UnknownSku, UnknownChannel, HoldLimitReached),
        body=Body(
            TypeAdapter(Reserve),
            {
                "a cart": {
                    "lines": [{"sku": "MUG-FJORD-MOSS", "quantity": 2}],
                    "channel": "web-eu",
                    "holder": "cart-1",
                    "ttlSeconds": 600,
                }
            },
        ),
        idempotent=True,
    ),
    Operation(
        id="getReservation",
        method="GET",
        path="/reservations/{id}",
        tag="Reservations",
        summary="Read a reservation",
        description="The reservation as it stands, ended ones too. By the database's clock: past "
        "`expiresAt` a hold is `EXPIRED`.",
        scope=AccessScope.AVAILABILITY_READ,
        handle=read,
        answer=Answer(200, "The reservation.", "Reservation", tagged=True),
        refusals=(ReservationNotFound,),
        condition="If-None-Match",
        path_example=EXAMPLE_ID,
    ),
    Operation(
        id="updateReservation",
        method="PATCH",
        path="/reservations/{id}",
        tag="Reservations",
        summary="Change, extend or commit a hold, or give back a part of it",
        description="`action` says which of the four, and so what else the body may hold. With "
        "`If-Match` the step is only taken if the reservation is still as you read it. `COMMIT` "
        "needs the scope `reservations:write`.",
        scope=AccessScope.RESERVATIONS_HOLD,
        handle=take_on,
        answer=Answer(200, "The reservation after the step.", "Reservation", tagged=True),
        refusals=(*_OF_STEP, InsufficientStock, UnknownSku),
        body=Body(
            TypeAdapter(Step),
            {
                "other quantities": {
                    "action": "CHANGE",
                    "lines": [{"sku": "MUG-FJORD-MOSS", "quantity": 3}],
                },
                "more time": {"action": "EXTEND", "stage": "PAYMENT", "ttlSeconds": 1200},
                "an order": {"action": "COMMIT", "order": "O-1001"},
                "one fewer": {
                    "action": "RELEASE",
                    "lines": [{"sku": "MUG-FJORD-MOSS", "quantity": 1}],
                    "reason": "changed his mind",
                },
            },
        ),
        idempotent=True,
        condition="If-Match",
        path_example=EXAMPLE_ID,
    ),
    Operation(
        id="releaseReservation",
        method="DELETE",
        path="/reservations/{id}",
        tag="Reservations",
        summary="Release a hold",
        description="Gives all units of a hold back. The reservation keeps its history: the "
        "answer is what became of it. Released again, it stays as it is.",
        scope=AccessScope.RESERVATIONS_HOLD,
        handle=release,
        answer=Answer(200, "The released reservation.", "Reservation", tagged=True),
        refusals=_OF_STEP,
        query=ReleaseQuery,
        idempotent=True,
        condition="If-Match",
        path_example=EXAMPLE_ID,
    ),
)
