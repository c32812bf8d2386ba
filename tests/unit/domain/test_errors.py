"""Each refusal has a code of its own and one sentence that says what to do about it."""

import re

import pytest

from hub.domain.errors import (
    HubError,
    InsufficientStock,
    InvalidInput,
    UnknownSku,
    VersionConflict,
    error_from,
    every_error,
)

EXAMPLES = [
    (
        "INVALID_INPUT",
        {"field": "lines[0].quantity", "problem": "must be above 0"},
        "lines[0].quantity: must be above 0.",
    ),
    (
        "UNKNOWN_SKU",
        {"skus": ["A-1", "b"]},
        "No item has this sku: A-1, b. Check the spelling; skus are case-sensitive.",
    ),
    ("UNKNOWN_LOCATION", {"location": "NIL"}, "No location has the id NIL."),
    ("UNKNOWN_CHANNEL", {"channel": "kiosk"}, "No channel has the id kiosk."),
    (
        "UNKNOWN_ORDER",
        {"order": "O-1", "verb": "shipped"},
        "No order O-1 is known to the ledger, so it cannot be shipped.",
    ),
    (
        "ORDER_LINE_MISMATCH",
        {"order": "O-1", "sku": "A-1", "verb": "shipped", "asked": "3", "possible": "1.5"},
        "Order O-1 has 1.5 of A-1 left that can be shipped, not 3.",
    ),
    (
        "INSUFFICIENT_STOCK",
        {
            "lines": [
                {"sku": "A-1", "requested": 5000, "available": 3000},
                {"sku": "B", "requested": 500, "available": 0},
            ]
        },
        "Not enough stock: 3 left of A-1, you asked for 5; 0 left of B, you asked for 0.5.",
    ),
    (
        "HOLD_LIMIT_REACHED",
        {"what": "holder", "limit": 3},
        "This holder has 3 live holds, which is as many as one may have: release one first.",
    ),
    (
        "FEED_LIMIT_REACHED",
        {"limit": 50},
        (
            "You have 50 feeds open, which is as many as one may have: close one first, or read "
            "more items by one feed."
        ),
    ),
    (
        "RESERVATION_LINE_MISMATCH",
        {"id": "r-1", "sku": "A-1", "verb": "committed", "asked": "3", "possible": "1.5"},
        "Reservation r-1 has 1.5 of A-1 that can be committed, not 3.",
    ),
    (
        "UNKNOWN_SUPPLY",
        {"sku": "A-1", "location": "BER", "document": "PO-1"},
        "Nothing is expected of A-1 at BER on the document PO-1.",
    ),
    (
        "STOCK_CONFLICT",
        {"expected": "4", "actual": "7.5"},
        "There are 7.5 on hand, not 4: read the position again, then decide.",
    ),
    (
        "IS_KIT",
        {"sku": "SET", "components": ["A-1", "B"]},
        "SET is a kit and has no stock of its own: change that of its components A-1, B.",
    ),
    ("WEBHOOK_NOT_FOUND", {"id": "w"}, "You have no webhook with the id w."),
    ("DELIVERY_NOT_FOUND", {"id": "7"}, "None of your webhooks has a delivery with the id 7."),
    (
        "WEBHOOK_DISABLED",
        {"id": "w"},
        "The webhook w is disabled, so nothing is sent to it: enable it first.",
    ),
    (
        "NOT_APPLIED",
        {},
        "Another row of the same all-or-nothing request was refused, so this one was not applied.",
    ),
    (
        "IDEMPOTENCY_IN_PROGRESS",
        {"key": "k-1"},
        "A request with the idempotency key k-1 is under way: ask again in a moment.",
    ),
    ("ALERT_NOT_FOUND", {"id": "7"}, "No alert has the id 7."),
    ("DEAD_LETTER_NOT_FOUND", {"id": "7"}, "No dead letter has the id 7."),
    (
        "DEAD_LETTER_SETTLED",
        {"id": "7", "state": "APPLIED"},
        "The event 7 is APPLIED by now and no dead letter any more: look at its history.",
    ),
    ("SNAPSHOT_NOT_FOUND", {"id": "7"}, "No snapshot has the id 7."),
    ("RECONCILIATION_NOT_FOUND", {"id": "7"}, "No comparison has the id 7."),
    (
        "SNAPSHOT_NOT_QUARANTINED",
        {"id": "7", "state": "APPLIED"},
        "Snapshot 7 is APPLIED: only what is QUARANTINED can be approved or rejected.",
    ),
    (
        "SNAPSHOT_IN_PROGRESS",
        {"source": "erp", "name": "n"},
        "Snapshot n of erp is being taken in by another process: ask again soon.",
    ),
    ("NOTICE_NOT_FOUND", {"id": "n-1"}, "No notice has the id n-1."),
    (
        "NOTICE_LIMIT_REACHED",
        {"what": "address", "limit": 200},
        "This address waits for 200 notices, which is as many as one may: cancel one first.",
    ),
    ("RESERVATION_NOT_FOUND", {"id": "r-1"}, "No reservation has the id r-1."),
    (
        "RESERVATION_ENDED",
        {"id": "r-1", "state": "EXPIRED", "reason": "EXPIRED", "verb": "committed"},
        "Reservation r-1 is EXPIRED and can no longer be committed.",
    ),
    (
        "RESERVATION_CHANGED",
        {"id": "r-1", "expected": 1, "actual": 2},
        "Reservation r-1 is at version 2, not 1: read it again, then decide.",
    ),
    (
        "VERSION_CONFLICT",
        {"expected": 4, "actual": 7},
        "The position is at version 7, not 4: read it again, then decide.",
    ),
    (
        "IDEMPOTENCY_MISMATCH",
        {"key": "k-1"},
        "The idempotency key k-1 was used before with another input: take a new key.",
    ),
    (
        "EVENT_MISMATCH",
        {"source": "wms", "event_id": "17"},
        "Event 17 of wms is already stored with another payload: send a new id.",
    ),
    ("SOURCE_NOT_FOUND", {"name": "acme"}, "No source has the name acme."),
    (
        "SOURCE_CHANGED",
        {"name": "acme", "expected": 4, "actual": 7},
        "The source acme is at version 7, not 4: read it again, then decide.",
    ),
    (
        "SENDER_UNPROVEN",
        {"source": "acme"},
        (
            "Nothing proves that the request comes from acme: sign its bytes as they are sent, "
            "with a secret that the hub has, at the time it is."
        ),
    ),
    (
        "DELIVERY_REFUSED",
        {"delivery": "17", "problem": "no item has the sku 'x'"},
        "Nothing of delivery 17 could be taken: no item has the sku 'x'.",
    ),
    (
        "UNAUTHENTICATED",
        {},
        "The request carries no valid credentials: send `Authorization: Bearer <token>`.",
    ),
    (
        "FORBIDDEN",
        {"scope": "admin", "principal": "shop"},
        "This needs the scope admin, which the principal shop does not have.",
    ),
    (
        "LIMIT_EXCEEDED",
        {"what": "skus", "limit": 100, "actual": 101},
        "skus is limited to 100, this has 101.",
    ),
    (
        "UNKNOWN_DOCUMENT",
        {"id": "4ea5"},
        "No document has the id 4ea5: ask the hub's operator to add the manifest it is in.",
    ),
    (
        "UNTRUSTED_DOCUMENT",
        {},
        "The hub answers trusted documents only, and this is none of them: send the id of one.",
    ),
    ("PERSISTED_QUERY_NOT_FOUND", {}, "PersistedQueryNotFound"),
    (
        "PERSISTED_QUERY_MISMATCH",
        {"actual": "4ea5"},
        "The sha256Hash is not that of the query, which is 4ea5.",
    ),
    (
        "UPLOAD_NOT_FOUND",
        {"id": "7"},
        "No upload that you may see has the id 7.",
    ),
    (
        "UNAVAILABLE",
        {},
        (
            "The database does not answer at the moment: nothing was changed that you were told "
            "of; try again with the same idempotency key."
        ),
    ),
]


@pytest.mark.parametrize(("code", "data", "message"), EXAMPLES)
def test_the_sentence_of_an_error_is_filled_from_its_data(
    code: str, data: dict[str, object], message: str
) -> None:
    error = error_from(code, data)
    assert (error.code, error.data, error.message) == (code, data, message)
    assert str(error) == message


def test_every_error_has_a_code_of_its_own_and_an_example_here() -> None:
    codes = [error.code for error in every_error()]
    assert len(set(codes)) == len(codes)
    assert set(codes) == {code for code, _, _ in EXAMPLES}
    assert all(re.fullmatch(r"[A-Z]+(_[A-Z]+)*", code) for code in codes)


@pytest.mark.parametrize("error", every_error())
def test_a_code_is_the_name_of_its_class(error: type[HubError]) -> None:
    """Stable names: who renames a class must decide about its code."""
    assert error.code == re.sub(r"(?<=[a-z])(?=[A-Z])", "_", error.__name__).upper()


@pytest.mark.parametrize(
    ("thousandths", "text"),
    [(1, "0.001"), (1500, "1.5"), (1_234_567_500, "1234567.5"), (2_000_000_000, "2000000")],
)
def test_quantities_in_a_sentence_keep_all_their_digits(thousandths: int, text: str) -> None:
    line = {"sku": "A", "requested": thousandths, "available": thousandths}
    message = InsufficientStock(lines=[line]).message
    assert message == f"Not enough stock: {text} left of A, you asked for {text}."


def test_the_data_of_an_error_are_its_attributes() -> None:
    error = VersionConflict(expected=4, actual=7)
    assert (error.expected, error.actual) == (4, 7)
    assert not hasattr(error, "nothing")


def test_what_a_sender_wrote_is_never_taken_for_a_place_to_fill() -> None:
    refused = InvalidInput(field="{sku}", problem="{0} {problem} is no number")
    assert refused.message == "{sku}: {0} {problem} is no number."


def test_errors_are_equal_when_class_and_data_are() -> None:
    one, same = UnknownSku(skus=["A"]), UnknownSku(skus=["A"])
    assert one == same
    assert hash(one) == hash(same)
    assert one != UnknownSku(skus=["B"])
    assert one != InvalidInput(field="sku", problem="A")
    assert one != "UNKNOWN_SKU"


def test_a_code_nobody_knows_has_no_error() -> None:
    with pytest.raises(KeyError):
        error_from("NO_SUCH_CODE", {})
