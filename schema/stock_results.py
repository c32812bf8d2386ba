"""What the mutations of stock give back: a success, or an error that says what to do."""

from typing import Annotated

import strawberry

from hub.domain import position
from schema.errors import (
    HubError,
    IdempotencyInProgress,
    IdempotencyMismatch,
    InsufficientStock,
    InvalidInput,
    IsKit,
    NotApplied,
    StockConflict,
    Unavailable,
    UnknownLocation,
    UnknownOrder,
    UnknownSku,
    UnknownSupply,
    VersionConflict,
)
from schema.stock import Position

PositionValue = Annotated[
    position.Position,
    strawberry.field(graphql_type=Position, description="The position as it is now."),
]
Applied = Annotated[
    bool,
    strawberry.field(description="Whether it changed the position; `note` says why not."),
]
Note = Annotated[
    str | None,
    strawberry.field(
        description="Why it was not applied, if so: a code such as `STALE` or `UNCHANGED`, and a "
        "sentence behind a colon."
    ),
]


@strawberry.type(description="The count is in the ledger, or a newer one was there before.")
class SetStockSuccess:
    """The count is in the ledger, or a newer one was there before."""

    position: PositionValue
    applied: Applied
    note: Note


@strawberry.type(description="The change is in the ledger.")
class AdjustStockSuccess:
    """The change is in the ledger."""

    position: PositionValue


@strawberry.type(description="The change is in the ledger.")
class MarkStockUnavailableSuccess:
    """The change is in the ledger."""

    position: PositionValue


@strawberry.type(description="The units are at the other location.")
class TransferStockSuccess:
    """The units are at the other location."""

    position: Annotated[
        position.Position,
        strawberry.field(graphql_type=Position, description="The position that they left."),
    ]


@strawberry.type(description="The receipt is expected.")
class ScheduleSupplySuccess:
    """The receipt is expected."""

    position: PositionValue
    applied: Applied
    note: Note


@strawberry.type(description="The receipt is expected as it was told.")
class ChangeSupplySuccess:
    """The receipt is expected as it was told."""

    position: PositionValue
    applied: Applied
    note: Note


@strawberry.type(description="Nothing more is expected.")
class CancelSupplySuccess:
    """Nothing more is expected."""

    position: PositionValue
    applied: Applied
    note: Note


@strawberry.type(description="The units are on hand.")
class ReceiveSupplySuccess:
    """The units are on hand."""

    position: PositionValue


@strawberry.type(description="The row is in the ledger, or a newer count was there before.")
class StockRowSuccess:
    """The row is in the ledger, or a newer count was there before."""

    position: PositionValue
    applied: Applied
    note: Note


_Refused = InvalidInput | IdempotencyMismatch | IdempotencyInProgress
_OfPosition = UnknownSku | UnknownLocation | IsKit | _Refused
_Compared = VersionConflict | StockConflict | _OfPosition

StockRowResult = Annotated[
    StockRowSuccess | UnknownOrder | NotApplied | Unavailable | _Compared,
    strawberry.union("StockRowResult", description="What became of one row of `changeStock`."),
]


@strawberry.type(description="Every row has its result; some may be refused.")
class ChangeStockSuccess:
    """Every row has its result."""

    rows: Annotated[
        list[StockRowSuccess | HubError],
        strawberry.field(
            graphql_type=list[StockRowResult],
            description="One result for each row, in their order.",
        ),
    ]
    refused: int = strawberry.field(description="How many of the rows were refused.")


ChangeStockResult = Annotated[
    ChangeStockSuccess | InvalidInput,
    strawberry.union("ChangeStockResult", description="What became of `changeStock`."),
]
SetStockResult = Annotated[
    SetStockSuccess | UnknownOrder | _Compared,
    strawberry.union("SetStockResult", description="What became of `setStock`."),
]
AdjustStockResult = Annotated[
    AdjustStockSuccess | _Compared,
    strawberry.union("AdjustStockResult", description="What became of `adjustStock`."),
]
MarkStockUnavailableResult = Annotated[
    MarkStockUnavailableSuccess | _OfPosition,
    strawberry.union(
        "MarkStockUnavailableResult", description="What became of `markStockUnavailable`."
    ),
]
TransferStockResult = Annotated[
    TransferStockSuccess | InsufficientStock | _OfPosition,
    strawberry.union("TransferStockResult", description="What became of `transferStock`."),
]
ScheduleSupplyResult = Annotated[
    ScheduleSupplySuccess | _OfPosition,
    strawberry.union("ScheduleSupplyResult", description="What became of `scheduleSupply`."),
]
ChangeSupplyResult = Annotated[
    ChangeSupplySuccess | UnknownSupply | _OfPosition,
    strawberry.union("ChangeSupplyResult", description="What became of `changeSupply`."),
]
CancelSupplyResult = Annotated[
    CancelSupplySuccess | UnknownSupply | _OfPosition,
    strawberry.union("CancelSupplyResult", description="What became of `cancelSupply`."),
]
ReceiveSupplyResult = Annotated[
    ReceiveSupplySuccess | _OfPosition,
    strawberry.union("ReceiveSupplyResult", description="What became of `receiveSupply`."),
]
