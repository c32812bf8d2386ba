"""What schemathesis has to know of the hub: how its scalars are written in GraphQL, and which
errors it may tell of. Loaded by the program itself, by SCHEMATHESIS_HOOKS.
"""

from datetime import datetime
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from schema.errors import TOP_LEVEL_ERRORS

FORESEEN = {refusal.code for refusal in TOP_LEVEL_ERRORS}
# How graphql-core words an input that it cannot coerce, which it notices at the field.
OF_INPUT = ("Value for ", "OneOf Input Object ", "Argument ", "Expected ", "Variable ")


def usually(*usual: st.SearchStrategy[Any], or_else: st.SearchStrategy[Any]) -> Any:
    """What operations can do something with, and now and then what they cannot."""
    return st.integers(0, 3).flatmap(lambda turn: st.one_of(*usual) if turn else or_else)


schemathesis.graphql.scalar(
    "ID",
    usually(
        st.sampled_from(["MUG-FJORD-MOSS", "MUG-FJORD-OAT"]).map(nodes.String),
        or_else=st.one_of(
            st.sampled_from(["web-eu", "BER", "cart-1", "O-1"]).map(nodes.String),
            st.text(max_size=70).map(nodes.String),
            st.integers().map(nodes.Int),
        ),
    ),
)
schemathesis.graphql.scalar(
    "Int", usually(st.sampled_from([1, 2, 24]), or_else=st.integers()).map(nodes.Int)
)
schemathesis.graphql.scalar(
    "Quantity",
    usually(
        st.integers(1, 50).map(nodes.Int),
        st.sampled_from(["1", "3"]).map(nodes.String),
        or_else=st.one_of(
            st.floats(allow_nan=False, allow_infinity=False).map(nodes.Float),
            st.integers().map(nodes.Int),
            st.sampled_from(["", "x", "0.5", "1e3", "99999999999", "1e999999999"]).map(
                nodes.String
            ),
        ),
    ),
)
schemathesis.graphql.scalar(
    "DateTime",
    usually(
        st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001 - Z follows
            lambda time: nodes.String(f"{time.isoformat()}Z")
        ),
        or_else=st.sampled_from(
            [
                "2026-11-21",
                "2026-11-21T10:00:00",
                "2026-02-30T00:00:00Z",
                "0001-01-01T00:00:00+14:00",
                "9999-12-31T23:59:59-14:00",
            ]
        ).map(nodes.String),
    ),
)
schemathesis.graphql.scalar("JSON", st.just(nodes.Object([])))


@schemathesis.check
def only_foreseen_errors(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
) -> None:
    """An answer is one of GraphQL over HTTP; each error is a refusal of the hub by its code, or
    says what is wrong with the document."""
    assert response.status_code in (200, 400), response.status_code
    answer: dict[str, Any] = response.json()
    for error in answer.get("errors", ()):
        code = error.get("extensions", {}).get("code")
        if code is not None:
            assert code in FORESEEN, error
        elif "path" in error:
            assert error["message"].startswith(OF_INPUT), error
