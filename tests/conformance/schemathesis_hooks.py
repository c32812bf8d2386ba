"""What schemathesis has to know of the hub: how its scalars are written in GraphQL, and which
errors it may tell of. Loaded by the program itself, by SCHEMATHESIS_HOOKS.
"""

from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from schema.errors import TOP_LEVEL_ERRORS

FORESEEN = {refusal.code for refusal in TOP_LEVEL_ERRORS}
# How graphql-core words an input that it cannot coerce, which it notices at the field.
OF_INPUT = ("Value for ", "Argument ", "Expected ", "Variable ")

schemathesis.graphql.scalar(
    "Quantity",
    st.one_of(
        st.integers(-5, 50).map(nodes.Int),
        st.floats(allow_nan=False, allow_infinity=False).map(nodes.Float),
        st.sampled_from(["1", "0.5", "1e3", "", "x", "0.0001", "99999999999", "1e999999999"]).map(
            nodes.String
        ),
    ),
)
schemathesis.graphql.scalar("JSON", st.just(nodes.Object([])))
schemathesis.graphql.scalar(
    "DateTime",
    st.one_of(
        st.datetimes().map(lambda time: nodes.String(f"{time.isoformat()}Z")),
        st.sampled_from(
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
