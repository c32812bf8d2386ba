"""What clients rely on is not broken unawares: the present schema against the released one."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from graphql import DangerousChangeType, GraphQLSchema, build_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes

from resolvers.root import sdl

FOLDER = Path(__file__).parents[3] / "schema"
BREAKS_CLIENTS = {
    # A generated client knows all values of an enum, and shows nothing for one it has never seen.
    DangerousChangeType.VALUE_ADDED_TO_ENUM,
    # Who leaves an argument out gets another answer.
    DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE,
}
"""Of the changes that graphql-core calls dangerous, those that are declared like broken ones. The
rest only add: members of unions carry the interface HubError, arguments and fields are optional."""


def _breaking(released: GraphQLSchema, present: GraphQLSchema) -> set[str]:
    found: list[Any] = [
        *find_breaking_changes(released, present),
        *(one for one in find_dangerous_changes(released, present) if one.type in BREAKS_CLIENTS),
    ]
    return {f"{one.type.name}: {one.description}" for one in found}


def _problems(released: str, present: str, declared: dict[str, str]) -> list[str]:
    """What is wrong with the declarations."""
    found = _breaking(build_schema(released), build_schema(present))
    return sorted(
        [f"not declared in schema/breaking_changes.toml: {one}" for one in found - declared.keys()]
        + [f"declared, but did not happen: {one}" for one in declared.keys() - found]
        + [f"declared without a reason: {one}" for one, why in declared.items() if not why.strip()]
    )


def _declared() -> dict[str, str]:
    told = tomllib.loads((FOLDER / "breaking_changes.toml").read_text())
    assert told.keys() <= {"change"}
    return {one["what"]: one["reason"] for one in told.get("change", ())}


def test_no_change_breaks_clients_that_is_not_declared_with_its_reason() -> None:
    assert _problems((FOLDER / "released.graphql").read_text(), sdl(), _declared()) == []


RELEASED = """
    type Query { item(sku: ID!, units: Int = 1): Item color: Color }
    type Item { sku: ID! name: String! }
    enum Color { RED }
    union Answer = Item
"""


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("name: String!", "", "FIELD_REMOVED: Field Item.name was removed."),
        ("name: String!", "name: String", "FIELD_CHANGED_KIND: "),
        ("sku: ID!, units", "sku: ID!, in: ID!, units", "REQUIRED_ARG_ADDED: "),
        ("union Answer = Item", "", "TYPE_REMOVED: Answer was removed."),
        ("RED", "BLUE", "VALUE_REMOVED_FROM_ENUM: "),
        ("RED", "RED BLUE", "VALUE_ADDED_TO_ENUM: "),
        ("units: Int = 1", "units: Int = 2", "ARG_DEFAULT_VALUE_CHANGE: "),
    ],
)
def test_a_change_that_breaks_clients_is_found_until_it_is_declared(
    before: str, after: str, change: str
) -> None:
    present = RELEASED.replace(before, after)
    problems = _problems(RELEASED, present, {})
    assert any(f"breaking_changes.toml: {change}" in one for one in problems), problems
    found = _breaking(build_schema(RELEASED), build_schema(present))
    assert _problems(RELEASED, present, dict.fromkeys(found, "It had to be.")) == []
    assert all(
        "without a reason" in one for one in _problems(RELEASED, present, dict.fromkeys(found, " "))
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("name: String!", "name: String! colour: Color"),
        ("units: Int = 1", "units: Int = 1, in: ID"),
        ("union Answer = Item", "union Answer = Item | Query"),
    ],
)
def test_what_is_only_added_needs_no_declaration(before: str, after: str) -> None:
    assert _problems(RELEASED, RELEASED.replace(before, after), {}) == []


def test_a_declaration_of_what_did_not_happen_is_found() -> None:
    declared = {"FIELD_REMOVED: Field Item.name was removed.": "It was never read."}
    assert _problems(RELEASED, RELEASED, declared) == [
        "declared, but did not happen: FIELD_REMOVED: Field Item.name was removed."
    ]
