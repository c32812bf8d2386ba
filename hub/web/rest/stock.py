"""Stock: counts and adjustments, many at once."""

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Discriminator, Field, Tag, TypeAdapter
from starlette.responses import Response

from hub.domain.decide import Result
from hub.domain.errors import (
    HubError,
    IdempotencyInProgress,
    IdempotencyMismatch,
    IsKit,
    NotApplied,
    StockConflict,
    UnknownLocation,
    UnknownOrder,
    UnknownSku,
    VersionConflict,
)
from hub.domain.principal import AccessScope
from hub.services import stock
from hub.web.rest.answers import json_answer, shapes
from hub.web.rest.inputs import Flag, Identifier, Input, Quantity, Text, Time, Whole
from hub.web.rest.operations import Answer, Body, Call, Operation
from hub.web.rest.problems import problem_of

OF_ROWS = (
    UnknownSku,
    UnknownLocation,
    UnknownOrder,
    IsKit,
    VersionConflict,
    StockConflict,
    NotApplied,
    IdempotencyMismatch,
    IdempotencyInProgress,
)
"""What a row may be refused for, beyond what the whole request may be."""


class Count(Input):
    """An absolute count of an item at a location."""

    described_as: ClassVar[str] = "CountInput"
    sku: Identifier
    location: Identifier
    on_hand: Quantity
    as_of: Time | None = None
    unavailable: Quantity | None = None
    if_version: Whole | None = None
    if_on_hand: Quantity | None = None
    includes_orders_to: Time | None = None
    includes_order: Identifier | None = None
    reason: Text | None = None


class Adjustment(Input):
    """A change of the units on hand."""

    described_as: ClassVar[str] = "AdjustmentInput"
    sku: Identifier
    location: Identifier
    delta: Quantity
    reason: Text
    if_version: Whole | None = None
    if_on_hand: Quantity | None = None


class CountRow(Input):
    """Set the units on hand to a count."""

    described_as: ClassVar[str] = "StockRowInput"
    count: Count

    def row(self) -> stock.Count:
        """The row in the hub's terms."""
        return stock.Count(**dict(self.count))


class AdjustmentRow(Input):
    """Add to or take from the units on hand."""

    described_as: ClassVar[str] = "StockRowInput"
    adjustment: Adjustment

    def row(self) -> stock.Adjustment:
        """The row in the hub's terms."""
        return stock.Adjustment(**dict(self.adjustment))


def _kind(row: Any) -> str:
    return "an adjustment" if isinstance(row, dict) and "adjustment" in row else "a count"


Row = Annotated[
    Annotated[CountRow, Tag("a count")] | Annotated[AdjustmentRow, Tag("an adjustment")],
    Discriminator(_kind),
]


def _few_enough(rows: Any) -> Any:
    """Before any is looked at; pydantic would have another code for it."""
    if isinstance(rows, list) and rows:
        stock.check_number_of_rows(rows)
    return rows


class ChangeStock(Input):
    """Many counts and adjustments at once."""

    described_as: ClassVar[str] = "ChangeStockInput"
    rows: Annotated[
        list[Row],
        # More than so many are a 413, which `maxItems` would not tell of.
        Field(min_length=1, fail_fast=True),
        BeforeValidator(_few_enough),
    ]
    all_or_nothing: Flag = Field(False)


async def change(call: Call) -> Response:
    """Each row for itself, or all of them or none."""
    given: ChangeStock = call.body
    results = await call.services.stock.change_many(
        call.principal,
        [row.row() for row in given.rows],
        given.all_or_nothing,
        call.idempotency_key,
    )
    rows = [row_answer(result) for result in results]
    return json_answer({"rows": rows, "refused": sum("problem" in row for row in rows)})


def row_answer(result: Result) -> dict[str, Any]:
    """What became of a row: the position as it is now, or the problem."""
    if isinstance(result, HubError):
        return {"problem": problem_of(result)}
    position = shapes().writer("Position")(result.position)
    return {"position": position, "applied": result.applied, "note": result.note}


OPERATIONS = (
    Operation(
        id="changeStock",
        method="POST",
        path="/stock",
        tag="Stock",
        summary="Take up to 5,000 counts and adjustments",
        description="Each row stands for itself and has its result, in their order: the position "
        "as it is now, or a problem with the status it would have had alone. With `allOrNothing` "
        "one refused row keeps the others from being applied. A row that cannot be read at all "
        "refuses the whole request with 422, before anything is done.",
        scope=AccessScope.STOCK_WRITE,
        handle=change,
        answer=Answer(200, "The results of the rows, in their order.", "StockResult"),
        refusals=(),
        body=Body(
            TypeAdapter(ChangeStock),
            {
                "a count and a correction": {
                    "rows": [
                        {
                            "count": {
                                "sku": "MUG-FJORD-MOSS",
                                "location": "BER",
                                "onHand": 40,
                                "asOf": "2026-11-21T10:00:00Z",
                            }
                        },
                        {
                            "adjustment": {
                                "sku": "MUG-FJORD-OAT",
                                "location": "BER",
                                "delta": -1,
                                "reason": "broken on the shelf",
                            }
                        },
                    ]
                }
            },
            bulk=True,
        ),
        idempotent=True,
    ),
)
