"""Every refusal of the hub has its place in GraphQL, and what nobody foresaw shows nothing."""

from typing import Any, get_args

import pytest
from graphql import GraphQLError, GraphQLUnionType, build_schema, get_named_type
from structlog.testing import capture_logs

from hub.domain import errors
from hub.domain.reservations import EndReason, ReservationState
from resolvers.refusals import as_data, error_of, presentable
from resolvers.root import sdl
from schema import reservation_results, stock_results
from schema.errors import (
    TOP_LEVEL_ERRORS,
    TYPED_ERRORS,
    HubError,
    InsufficientStock,
    ReservationEnded,
    ReservationLineMismatch,
    StockConflict,
)


def test_every_refusal_of_the_hub_is_mapped() -> None:
    unmapped = set(errors.every_error()) - set(TYPED_ERRORS) - set(TOP_LEVEL_ERRORS)
    assert unmapped == set()


def test_every_error_in_a_union_is_a_refusal_of_the_hub() -> None:
    api = build_schema(sdl())
    unions = [one for one in api.type_map.values() if isinstance(one, GraphQLUnionType)]
    members = {member.name for union in unions for member in union.types}
    told = {told_as.__name__ for told_as in TYPED_ERRORS.values()}
    assert len(unions) == 40
    assert {name for name in members if not name.endswith("Success")} == told


def test_every_mutation_may_be_refused_for_its_input_and_answers_to_its_key() -> None:
    api = build_schema(sdl())
    assert api.mutation_type is not None
    always = {"InvalidInput", "IdempotencyMismatch", "IdempotencyInProgress"}
    for name, field in api.mutation_type.fields.items():
        union = get_named_type(field.type)
        assert isinstance(union, GraphQLUnionType), name
        missing = always - {member.name for member in union.types}
        # In bulk each row has a key of its own, and answers to it; a trial does nothing, so there
        # is nothing that could be done twice.
        keyless = name in ("changeStock", "testSource")
        assert missing == (always - {"InvalidInput"} if keyless else set()), name


def test_a_union_that_knows_skus_also_knows_that_one_may_be_unknown() -> None:
    no_items = {"ExtendReservationResult", "ChangeStockResult"}
    for module in (reservation_results, stock_results):
        for name in vars(module):
            if name.endswith("Result") and name not in no_items:
                (union, *_) = get_args(getattr(module, name))
                assert TYPED_ERRORS[errors.UnknownSku] in get_args(union), name


def test_errors_of_one_union_can_be_asked_for_in_one_selection() -> None:
    """Fields of the same name and another type would need an alias, in every client."""
    api = build_schema(sdl())
    for union in api.type_map.values():
        if isinstance(union, GraphQLUnionType):
            types: dict[str, str] = {}
            for member in union.types:
                for name, field in member.fields.items():
                    assert types.setdefault(name, str(field.type)) == str(field.type), (
                        f"{union.name}.{name}"
                    )


def test_insufficient_stock_says_what_is_left_of_which_item() -> None:
    refusal = errors.InsufficientStock(lines=[{"sku": "A-1", "requested": 5000, "available": 3000}])
    told = InsufficientStock.of(refusal)
    assert told.code == "INSUFFICIENT_STOCK"
    assert told.message == "Not enough stock: 3 left of A-1, you asked for 5."
    assert [(line.sku, line.requested, line.available) for line in told.lines] == [
        ("A-1", 5000, 3000)
    ]


def test_a_reservation_that_ended_says_how() -> None:
    refusal = errors.ReservationEnded(id="r", state="EXPIRED", reason="EXPIRED", verb="extended")
    told = ReservationEnded.of(refusal)
    assert (told.state, told.ended_reason) == (ReservationState.EXPIRED, EndReason.EXPIRED)


def test_quantities_of_an_error_are_quantities() -> None:
    refusal = errors.ReservationLineMismatch(
        id="r", sku="A", verb="released", asked="3", possible="2.5"
    )
    told = ReservationLineMismatch.of(refusal)
    assert (told.asked, told.possible) == (3000, 2500)
    conflict = StockConflict.of(errors.StockConflict(expected="2", actual="-1.5"))
    assert (conflict.expected_on_hand, conflict.actual_on_hand) == (2000, -1500)


def test_what_is_no_answer_is_not_returned_as_one() -> None:
    assert as_data(errors.NotApplied()).code == "NOT_APPLIED"
    with pytest.raises(errors.Forbidden):
        as_data(errors.Forbidden(scope="stock:write", principal="shop"))


@pytest.mark.parametrize(
    ("refusal", "extensions"),
    [
        (
            errors.UnknownSku(skus=["A", "B"]),
            {"code": "UNKNOWN_SKU", "skus": ["A", "B"]},
        ),
        (
            errors.InvalidInput(field="first", problem="must be above 0"),
            {"code": "INVALID_INPUT", "field": "first", "problem": "must be above 0"},
        ),
        (
            errors.EventMismatch(source="shop", event_id="7"),
            {"code": "EVENT_MISMATCH", "source": "shop", "eventId": "7"},
        ),
        (
            errors.Forbidden(scope="stock:write", principal="shop"),
            {"code": "FORBIDDEN", "scope": "stock:write"},
        ),
        (errors.Unavailable(), {"code": "UNAVAILABLE"}),
    ],
)
def test_a_refusal_at_the_top_has_its_code_and_data(
    refusal: errors.HubError, extensions: dict[str, Any]
) -> None:
    told = error_of(refusal)
    assert told.extensions == extensions
    assert told.message == refusal.message


def test_an_unforeseen_error_is_logged_with_a_reference_and_shown_without_its_text() -> None:
    secret = RuntimeError("password=hunter2")
    with capture_logs() as logs:
        (told,) = presentable([GraphQLError("password=hunter2", original_error=secret)])
    assert told.extensions is not None
    reference = told.extensions["reference"]
    assert told.extensions == {"code": "INTERNAL", "reference": reference}
    assert "hunter2" not in told.message
    assert reference in told.message
    assert [(entry["event"], entry["reference"]) for entry in logs] == [
        ("graphql.internal_error", reference)
    ]


def test_an_error_of_the_document_itself_is_shown_as_it_is() -> None:
    mistake = GraphQLError('Cannot query field "x" on type "Query".')
    assert presentable([mistake]) == [mistake]


def test_each_typed_error_fills_its_own_fields() -> None:
    data: dict[type[errors.HubError], dict[str, Any]] = {
        errors.InsufficientStock: {"lines": []},
        errors.UnknownSku: {"skus": ["A"]},
        errors.UnknownLocation: {"location": "X"},
        errors.UnknownChannel: {"channel": "X"},
        errors.InvalidInput: {"field": "first", "problem": "is wrong"},
        errors.IdempotencyMismatch: {"key": "k"},
        errors.ReservationNotFound: {"id": "r"},
        errors.ReservationEnded: {"id": "r", "state": "RELEASED", "reason": None, "verb": "ended"},
        errors.VersionConflict: {"expected": 1, "actual": 2},
        errors.IdempotencyInProgress: {"key": "k"},
        errors.HoldLimitReached: {"what": "holder", "limit": 20},
        errors.ReservationLineMismatch: {
            "id": "r",
            "sku": "A",
            "verb": "released",
            "asked": "3",
            "possible": "2.5",
        },
        errors.UnknownOrder: {"order": "O-1", "verb": "included in a count"},
        errors.UnknownSupply: {"sku": "A", "location": "X", "document": "PO-1"},
        errors.IsKit: {"sku": "SET", "components": ["A", "B"]},
        errors.StockConflict: {"expected": "2", "actual": "1.5"},
        errors.NotApplied: {},
        errors.AlertNotFound: {"id": "7"},
        errors.DeadLetterNotFound: {"id": "7"},
        errors.DeadLetterSettled: {"id": "7", "state": "APPLIED"},
        errors.SnapshotNotFound: {"id": "7"},
        errors.ReconciliationNotFound: {"id": "7"},
        errors.SnapshotNotQuarantined: {"id": "7", "state": "APPLIED"},
        errors.NoticeNotFound: {"id": "n"},
        errors.NoticeLimitReached: {"what": "holder", "limit": 50},
        errors.WebhookNotFound: {"id": "w"},
        errors.DeliveryNotFound: {"id": "7"},
        errors.WebhookDisabled: {"id": "w"},
        errors.SourceNotFound: {"name": "acme"},
        errors.SourceChanged: {"name": "acme", "expected": 1, "actual": 2},
        errors.Unavailable: {},
    }
    assert set(data) == set(TYPED_ERRORS)
    for refusal, values in data.items():
        told = TYPED_ERRORS[refusal].of(refusal(**values))
        assert isinstance(told, HubError)
        assert told.code == refusal.code
