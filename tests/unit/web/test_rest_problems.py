"""Every refusal of the hub has its status and its shape over REST."""

from hub.domain import errors
from hub.web.rest.app import OPERATIONS
from hub.web.rest.examples import REFUSALS
from hub.web.rest.problems import REST_STATUS, problem_of
from schema.errors import TOP_LEVEL_ERRORS, TYPED_ERRORS


def test_every_refusal_of_the_hub_has_a_status() -> None:
    assert set(REST_STATUS) == set(errors.every_error())


def test_every_refusal_that_an_operation_names_has_an_example() -> None:
    named = {refusal for operation in OPERATIONS for refusal in operation.all_refusals}
    assert named <= set(REFUSALS)


def test_every_refusal_can_be_told() -> None:
    for refusal in errors.every_error():
        assert refusal in TOP_LEVEL_ERRORS or refusal in TYPED_ERRORS, refusal


def test_a_problem_says_what_would_be_right() -> None:
    line = {"sku": "A-1", "requested": 5_000, "available": 2_500}
    assert problem_of(errors.InsufficientStock(lines=[line])) == {
        "type": "urn:availability-hub:problem:INSUFFICIENT_STOCK",
        "title": "Insufficient stock",
        "status": 409,
        "detail": "Not enough stock: 2.5 left of A-1, you asked for 5.",
        "code": "INSUFFICIENT_STOCK",
        "lines": [{"sku": "A-1", "requested": 5, "available": 2.5, "band": None}],
    }
    told = problem_of(errors.InvalidInput(field="skus", problem="must hold 1 to 250 skus"))
    assert (told["status"], told["field"], told["problem"]) == (
        422,
        "skus",
        "must hold 1 to 250 skus",
    )
