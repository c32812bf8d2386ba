"""A document is bounded in every direction, and measuring it is no attack itself."""

import time

import pytest
from graphql import get_introspection_query, parse

from hub.domain.errors import LimitExceeded
from resolvers.limits import DocumentLimits, check_size
from resolvers.root import build

LIMITS = DocumentLimits()
API = build()
OPEN_API = build(development=True)


def _refusal(text: str) -> LimitExceeded:
    with pytest.raises(LimitExceeded) as caught:
        check_size(parse(text), LIMITS)
    return caught.value


async def _messages(text: str, development: bool = False) -> list[str]:
    answer = await (OPEN_API if development else API).execute(text)
    return [error.message for error in answer.errors or ()]


async def _seconds_to_refuse(text: str) -> float:
    """CPU time of the fastest of three attempts, so that a busy machine does not count."""
    times = []
    for _ in range(3):
        started = time.process_time()
        assert await _messages(text)
        times.append(time.process_time() - started)
    return min(times)


def test_an_operation_may_be_as_deep_as_the_answers_are() -> None:
    check_size(
        parse(
            """{ reservation(id: "r") { lines { item { availability {
                 breakdown { locations { onHand } } } } } } }"""
        ),
        LIMITS,
    )


def test_an_operation_that_is_too_deep_is_refused() -> None:
    text = "{" + "variants {" * 8 + "sku" + "}" * 9
    assert _refusal(text).data["actual"] == 9


def test_depth_counts_through_fragments() -> None:
    text = (
        "{ item { ...a } } fragment a on Item { variants { ...b } }"
        "fragment b on Item { variants { ... on Item { variants { ...c } } } }"
        "fragment c on Item { variants { variants { variants { variants { sku } } } } }"
    )
    assert _refusal(text).data["actual"] == 9


def test_aliases_are_counted_with_every_spread() -> None:
    fragment = "fragment f on Item { a: sku b: sku c: sku d: sku }"
    four_spreads = "{ item { ...f variants { ...f variants { ...f variants { ...f } } } } }"
    assert _refusal(four_spreads + fragment).data == {
        "what": "The number of aliases",
        "limit": 15,
        "actual": 16,
    }


def test_five_mutations_in_one_operation_are_enough() -> None:
    one = "m%d: reserve { code }"
    check_size(parse("mutation {" + " ".join(one % n for n in range(5)) + "}"), LIMITS)
    refusal = _refusal("mutation {" + " ".join(one % n for n in range(6)) + "}")
    assert refusal.data["what"] == "The number of mutations"


def test_directives_are_counted() -> None:
    refusal = _refusal("{ channels { id " + "@include(if: true)" * 21 + "} }")
    assert refusal.data["what"] == "The number of directives"


def test_a_chain_of_fragments_that_doubles_at_each_link_is_measured_at_once() -> None:
    links = "".join(f"fragment f{n} on Item {{ ...f{n + 1} ...f{n + 1} }}" for n in range(100))
    text = "{ item { ...f0 } }" + links + "fragment f100 on Item { sku }"
    started = time.process_time()
    refusal = _refusal(text)
    assert refusal.data["what"] == "The number of fields"
    assert time.process_time() - started < 0.1


async def test_a_chain_that_leads_nowhere_is_refused_at_once() -> None:
    links = " ".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(90))
    text = "{ ...f0 } " + links
    assert await _messages(text) == ["Unknown fragment 'f90'."]
    assert await _seconds_to_refuse(text) < 0.1


async def test_fragments_in_a_circle_end_in_a_message() -> None:
    text = "{ item(sku: 1) { ...a } } fragment a on Item { variants { ...b } }"
    text += " fragment b on Item { variants { ...a } }"
    assert await _messages(text) == ["Cannot spread fragment 'a' within itself."]


async def test_fragments_that_all_lead_to_each_other_are_refused_at_once() -> None:
    text = "{ item(sku: 1) { ...f0 } }"
    for n in range(12):
        spreads = " ".join(f"...f{m}" for m in range(12))
        text += f" fragment f{n} on Item {{ variants {{ {spreads} }} }}"
    assert await _seconds_to_refuse(text) < 0.1


async def test_twenty_thousand_aliases_cost_next_to_nothing() -> None:
    text = "{" + " ".join(f"a{n}: __typename" for n in range(20_000)) + "}"
    (message,) = await _messages(text)
    assert message.startswith("The number of characters of a document is limited to 15000")
    assert await _seconds_to_refuse(text) < 0.1


async def test_nesting_without_end_is_refused() -> None:
    (message,) = await _messages("{a" * 480)
    assert message.startswith(("The depth of an operation", "Syntax Error"))


@pytest.mark.parametrize(
    "text",
    [
        "{" + " ".join(f"a{n}: item(sku: 1) {{ sku }}" for n in range(120)) + "}",
        "query(" + " ".join(f"$v{n}: Int" for n in range(240)) + ") { channels { id } }",
        "{ channels " + "{ id " * 200 + "}" * 201,
        "{ " + "channels { nope } " * 240 + "}",
        "{ " + ("channels { " + "nope " * 20 + "} ") * 20 + "}",
        "{ channels { id } } fragment unused on Query { " + "channels { nope } " * 230 + "}",
        "{ channels { "
        + " ".join(f"...f{n}" for n in range(90))
        + "} }"
        + " ".join(f"fragment f{n} on Channel {{ nope{n} }}" for n in range(90)),
        "{ channels { "
        + " ".join(f"...f{n}" for n in range(90))
        + "} }"
        + " ".join(f"fragment f{n} on Channel {{ id ...f{n + 1} }}" for n in range(70)),
        "{ " + "unknown " * 900 + "}",
    ],
    ids=[
        "aliases",
        "variables",
        "depth",
        "repetition",
        "repetition in repetition",
        "repetition in an unused fragment",
        "fragments",
        "chained fragments",
        "unknown fields",
    ],
)
async def test_no_document_takes_long_to_refuse(text: str) -> None:
    assert await _seconds_to_refuse(text) < 0.1


async def test_introspection_is_for_development_only() -> None:
    text = "{ __schema { types { fields { type" + " { ofType" * 6 + " { name" + " }" * 11
    messages = await _messages(text)
    assert messages
    assert all("introspection" in message for message in messages)
    assert await _messages(text, development=True) == []


async def test_tools_can_read_the_whole_schema_in_development() -> None:
    assert await _messages(get_introspection_query(), development=True) == []


async def test_suggestions_are_for_development_only() -> None:
    text = "{ channels { nam } }"
    assert await _messages(text) == ["Cannot query field 'nam' on type 'Channel'."]
    assert await _messages(text, development=True) == [
        "Cannot query field 'nam' on type 'Channel'. Did you mean 'name'?"
    ]


async def test_a_document_of_several_operations_needs_a_name() -> None:
    text = "query a { channels { id } } query b { channels { id } }"
    assert await _messages(text) == ["The document has several operations: name one of them."]


async def test_a_subscription_asked_for_as_a_query_is_told_how() -> None:
    (message,) = await _messages('subscription { reservation(id: "r") { id } }')
    assert "text/event-stream" in message
