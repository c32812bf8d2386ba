"""The cost of an operation is the number of objects that the hub has to find or compute for it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    OperationDefinitionNode,
    VariableValues,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    parse,
)

from resolvers.compiled_inputs import Variables
from resolvers.cost import OperationCost
from resolvers.root import build
from schema.costs import ListSize

API = build()
CORE = API._schema
PAGES = Path(__file__).parents[3] / "frontend-demo" / "src"
STOREFRONT = PAGES / "gql" / "persisted-documents.json"
CONTROL_ROOM = PAGES / "control" / "gql" / "persisted-documents.json"
EVERYTHING = (
    "{ sku quantity status version message { code text } components { sku perKit } "
    "breakdown { onHand reserved locations { location onHand reserved } } }"
)


def _points(text: str, variables: dict[str, Any] | None = None, name: str | None = None) -> int:
    document = parse(text)
    (operation,) = (
        node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
        and name in (None, node.name and node.name.value)
    )
    given = Variables(CORE, operation).values(variables or {}, True)
    assert isinstance(given, VariableValues), given
    return OperationCost(CORE, document, operation).points(given.coerced)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("{ __typename }", 0),
        ('{ item(sku: "A") { sku name attributes } }', 1),
        ('{ item(sku: "A") { availability ' + EVERYTHING + " } }", 2),
        ('{ availability(skus: ["A", "B", "C"]) { sku } }', 3),
        ('{ availability(skus: "A") { sku } }', 1),
        ("{ items { edges { node { sku } } } }", 24),
        ("{ items(first: 10) { totalCount pageInfo { endCursor } } }", 10),
        ("{ items(first: 10) { edges { node { sku availability { quantity } } } } }", 20),
        ("{ items(first: 2) { edges { node { variants { availability { sku } } } } } }", 82),
        ('{ item(sku: "A") { variants(first: 7) { sku } } }', 8),
        ("{ availability(skus: 4006381333931) { sku } }", 1),
        ("{ nodes(ids: 5000) { id } }", 1),
        ("{ items(first: 0) { edges { node { availability { sku } } } } }", 0),
        ("{ items(first: -5) { edges { node { availability { sku } } } } }", 0),
        ("{ channels { locations { id } } locations { id } }", 40),
        ('{ nodes(ids: ["a", "b"]) { id ... on Item { availability { sku } } } }', 4),
        ('{ item(sku: "A") { alternatives { item { sku } } forecast { __typename } } }', 11),
        ('{ item(sku: "A") { movements(first: 7) { edges { node { version } } } } }', 8),
        ('{ a: item(sku: "A") { sku } b: item(sku: "A") { sku } }', 2),
        ('{ reservation(id: "r") { lines { item { name } } } }', 6),
        ('mutation { releaseReservation(input: {id: "r"}) { __typename } }', 10),
        (
            """mutation {
                reserve(input: {lines: [{sku: "A", quantity: 1}, {sku: "B", quantity: 2}]}) {
                ... on ReserveSuccess { reservation { id lines { item { name } } } } } }""",
            17,
        ),
        ('subscription { availability(skus: ["A", "B"]) { availability { sku } } }', 2),
    ],
)
def test_objects_are_counted_and_what_they_bring_along_is_free(text: str, points: int) -> None:
    assert _points(text) == points


@pytest.mark.parametrize(
    ("variables", "points"),
    [({}, 48), ({"first": 5}, 10), ({"first": 0}, 0), ({"first": 1_000_000}, 2_000_000)],
)
def test_a_page_counts_as_long_as_a_variable_says(variables: dict[str, Any], points: int) -> None:
    text = (
        "query ($first: Int) { items(first: $first) { edges { node { availability { sku } } } } }"
    )
    assert _points(text.replace("$first: Int", "$first: Int! = 24"), variables) == points
    if "first" in variables:
        assert _points(text.replace("$first: Int", "$first: Int!"), variables) == points


def test_lists_count_by_their_length_wherever_variables_stand() -> None:
    line = {"sku": "A", "quantity": 1}
    mutation = "{ reserve(input: %s) { __typename } }"
    for head, given, variables in (
        ("mutation ($i: ReserveInput!) ", "$i", {"i": {"lines": [line] * 3}}),
        ("mutation ($l: [ReserveLineInput!]!) ", "{lines: $l}", {"l": [line] * 3}),
        ("mutation ($l: ReserveLineInput!) ", "{lines: [$l, $l, $l]}", {"l": line}),
    ):
        assert _points(head + mutation % given, variables) == 13
    asked = "query ($skus: [ID!]!) { availability(skus: $skus) { sku } }"
    assert _points(asked, {"skus": ["A"] * 250}) == 250
    assert _points(asked, {"skus": "A"}) == 1


def test_five_thousand_rows_of_stock_are_a_tenth_of_a_point_each() -> None:
    row = {"adjustment": {"sku": "A", "location": "BER", "delta": 1, "reason": "found"}}
    text = "mutation ($i: ChangeStockInput!) { changeStock(input: $i) { __typename } }"
    assert _points(text, {"i": {"rows": [row] * 5_000}}) == 510
    assert _points(text, {"i": {"rows": [row]}}) == 11


def test_what_is_merged_in_the_answer_is_counted_once() -> None:
    text = """{ item(sku: "A") { ...Badge ...Sum availability { status } } }
        fragment Badge on Item { availability { sku } }
        fragment Sum on Item { ... on Item { availability { breakdown { onHand } } } }"""
    assert _points(text) == 2


def test_fragments_that_lead_to_more_than_can_be_counted_are_counted_at_once() -> None:
    links = [
        f"fragment f{n} on Item {{ a: variants {{ ...f{n + 1} }} b: variants {{ ...f{n + 1} }} }}"
        for n in range(40)
    ]
    text = '{ item(sku: "A") { ...f0 } }' + " ".join(links) + " fragment f40 on Item { sku }"
    # Two lists of 20 at each of 40 links: 40 + 40² + … and the item itself.
    assert _points(text) == sum(40**n for n in range(41))


def test_each_operation_of_a_document_has_its_own_cost() -> None:
    text = "query a { items(first: 7) { totalCount } } query b { items(first: 9) { totalCount } }"
    assert (_points(text, name="a"), _points(text, name="b")) == (7, 9)


def test_two_hundred_and_fifty_items_with_everything_may_be_asked_for() -> None:
    text = "query ($skus: [ID!]!) { availability(skus: $skus) " + EVERYTHING + " }"
    assert _points(text, {"skus": ["A"] * 250}) < 1_000


def test_the_documents_of_the_storefront_stay_far_below_the_limit() -> None:
    line = {"sku": "A", "quantity": 1}
    given: dict[str, dict[str, Any]] = {
        "Places": {},
        "Items": {"first": 100},
        "Item": {"sku": "A"},
        "StockLines": {"skus": ["A"] * 100},
        "StockDetails": {"skus": ["A"] * 100},
        "HoldChanges": {"id": "r"},
        "HoldNow": {"id": "r"},
        "Reserve": {"input": {"lines": [line] * 20}},
        "Extend": {"input": {"id": "r", "ttlSeconds": 60}},
        "Commit": {"input": {"id": "r", "order": "O"}},
        "Release": {"input": {"id": "r"}},
    }
    _stays_far_below_the_limit(STOREFRONT, given)


def test_the_documents_of_the_control_room_stay_far_below_the_limit() -> None:
    one = {"input": {"id": "1"}}
    _stays_far_below_the_limit(
        CONTROL_ROOM,
        {
            "Waiting": {},
            "Sources": {},
            "Deliveries": {"source": "erp", "first": 50},
            "Delivery": {"id": "1"},
            "Quarantine": {"first": 50},
            "SnapshotChanges": {"id": "1", "first": 100},
            "Approve": one,
            "Reject": {"input": {"id": "1", "reason": "no"}},
            "Letters": {"first": 100},
            "Letter": {"id": "1"},
            "Requeue": one,
            "Edit": {"input": {"id": "1", "payload": {}}},
            "Discard": {"input": {"id": "1", "reason": "no"}},
            "RequeueMany": {"input": {"filter": {}}},
            "DiscardMany": {"input": {"filter": {}, "reason": "no"}},
        },
    )


def _stays_far_below_the_limit(manifest: Path, given: dict[str, dict[str, Any]]) -> None:
    documents = json.loads(manifest.read_text()).values()
    names = {
        re.findall(r"(?:query|mutation|subscription) (\w+)", text)[0]: text for text in documents
    }
    assert set(names) == set(given)
    for name, text in names.items():
        assert 0 < _points(text, given[name]) <= 250, name


def _lists() -> Iterator[tuple[str, GraphQLField]]:
    """Lists of objects that have something below them that costs."""
    for declared in CORE.type_map.values():
        if isinstance(declared, GraphQLObjectType) and not declared.name.startswith("__"):
            for name, field in declared.fields.items():
                listed = is_list_type(get_nullable_type(field.type))
                if listed and is_composite_type(get_named_type(field.type)):
                    yield f"{declared.name}.{name}", field


def _costs_something(type_: Any, seen: set[str]) -> bool:
    members = (
        CORE.get_possible_types(type_) if not isinstance(type_, GraphQLObjectType) else [type_]
    )
    for member in members:
        if member.name in seen:
            continue
        seen.add(member.name)
        for field in member.fields.values():
            below = get_named_type(field.type)
            definition = field.extensions["strawberry-definition"]
            if is_composite_type(below) and (
                not definition.is_basic_field or _costs_something(below, seen)
            ):
                return True
    return False


def test_each_list_that_multiplies_a_cost_tells_its_size() -> None:
    sized = {
        f"{get_named_type(field.type).name}.{name}"
        for declared in CORE.type_map.values()
        if isinstance(declared, GraphQLObjectType)
        for field in declared.fields.values()
        for one in getattr(field.extensions.get("strawberry-definition"), "directives", ())
        if isinstance(one, ListSize)
        for name in one.sized_fields or ()
    }
    silent = [
        name
        for name, field in _lists()
        if name not in sized
        and not any(
            isinstance(one, ListSize)
            for one in field.extensions["strawberry-definition"].directives
        )
        and (
            not field.extensions["strawberry-definition"].is_basic_field
            or _costs_something(get_named_type(field.type), set())
        )
    ]
    assert silent == []


def test_what_takes_a_number_or_a_list_of_items_is_sized_by_it() -> None:
    unsized = [
        f"{declared.name}.{name}({argument}:)"
        for declared in CORE.type_map.values()
        if isinstance(declared, GraphQLObjectType) and not declared.name.startswith("__")
        for name, field in declared.fields.items()
        for argument in {"first", "last", "skus", "ids"} & field.args.keys()
        if not any(
            isinstance(one, ListSize) and argument in (one.slicing_arguments or ())
            for one in field.extensions["strawberry-definition"].directives
        )
    ]
    assert unsized == []


def test_each_sized_field_and_slicing_argument_exists() -> None:
    found = 0
    for declared in CORE.type_map.values():
        if not isinstance(declared, GraphQLObjectType) or declared.name.startswith("__"):
            continue
        for field in declared.fields.values():
            for one in field.extensions["strawberry-definition"].directives:
                if isinstance(one, ListSize):
                    found += 1
                    assert set(one.slicing_arguments or ()) <= set(field.args)
                    below = get_named_type(field.type)
                    assert not one.sized_fields or set(one.sized_fields) <= set(below.fields)
    assert found >= 10
