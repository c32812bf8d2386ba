"""What is answered to an `Accept` header, whatever stands in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.web.accept import EVENT_STREAM, GRAPHQL_RESPONSE, MULTIPART, PLAIN_JSON, accepted

SPEC = "multipart/mixed;subscriptionSpec=1.0"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", (PLAIN_JSON, None, False)),
        ("*/*", (PLAIN_JSON, None, False)),
        ("application/json", (PLAIN_JSON, None, False)),
        (GRAPHQL_RESPONSE, (GRAPHQL_RESPONSE, None, False)),
        (f"application/json, {GRAPHQL_RESPONSE};q=0.9", (PLAIN_JSON, None, False)),
        ("text/event-stream", (PLAIN_JSON, EVENT_STREAM, True)),
        ("Text/Event-Stream", (PLAIN_JSON, EVENT_STREAM, True)),
        ("text/event-stream;q=0", (PLAIN_JSON, None, False)),
        ("text/event-stream, application/json", (PLAIN_JSON, EVENT_STREAM, False)),
        ("text/event-stream, */*;q=0.1", (PLAIN_JSON, EVENT_STREAM, True)),
        ("text/event-stream, multipart/mixed", (PLAIN_JSON, EVENT_STREAM, True)),
        (f"{SPEC}, text/event-stream", (PLAIN_JSON, MULTIPART, True)),
        (f"{SPEC};q=0.5, text/event-stream", (PLAIN_JSON, EVENT_STREAM, True)),
        (f"application/json, {SPEC}", (PLAIN_JSON, MULTIPART, False)),
        ('multipart/mixed; boundary="x"; subscriptionSpec="1.0"', (PLAIN_JSON, MULTIPART, True)),
        ("multipart/mixed", (PLAIN_JSON, None, False)),
        ("multipart/mixed;deferSpec=20220824, application/json", (PLAIN_JSON, None, False)),
        ("multipart/mixed;subscriptionSpec=2.0", (PLAIN_JSON, None, False)),
    ],
)
def test_the_formats_are_those_that_are_wanted_most(
    header: str, expected: tuple[str, str | None, bool]
) -> None:
    assert accepted(header) == expected


@given(st.text(alphabet=" ,;=*\"'/q.0159aftxn\x80\xff", max_size=80))
def test_whatever_is_accepted_there_is_an_answer(header: str) -> None:
    assert accepted(header).json in (PLAIN_JSON, GRAPHQL_RESPONSE)
