"""A shop as Shopify has it, as far as stock goes: Admin GraphQL 2026-10, on real GraphQL.

It is the other side, and strict: documents are validated, what is too fast is throttled, a
quantity is set only where it is what the caller believes it to be, all of a request or nothing.
"""

import json
import time
from typing import Any, Final

from graphql import (
    GraphQLDirective,
    GraphQLResolveInfo,
    build_schema,
    get_directive_values,
    graphql_sync,
    parse,
)

from tests.integration.channels.faults import Answer, FaultyServer, Request

TOKEN: Final = "shpat_test"
VERSION: Final = "2026-10"
LOCATION: Final = "gid://shopify/Location/1"
MAX_QUANTITIES: Final = 250

Info = GraphQLResolveInfo[Any]

_SDL: Final = """
directive @idempotent(key: String!) on FIELD
type Query {
  nodes(ids: [ID!]!): [Node]!
  location(id: ID!): Location
}
interface Node { id: ID! }
type Location implements Node {
  id: ID!
  inventoryLevels(first: Int!, after: String): InventoryLevelConnection!
}
type InventoryLevelConnection { nodes: [InventoryLevel!]!, pageInfo: PageInfo! }
type PageInfo { hasNextPage: Boolean!, endCursor: String }
type InventoryLevel { item: InventoryItem!, quantities(names: [String!]!): [InventoryQuantity!]! }
type InventoryQuantity { name: String!, quantity: Int! }
type InventoryItem implements Node {
  id: ID!
  sku: String
  inventoryLevel(locationId: ID!): InventoryLevel
}
type Mutation {
  inventorySetQuantities(input: InventorySetQuantitiesInput!): InventorySetQuantitiesPayload
}
input InventorySetQuantitiesInput {
  name: String!, reason: String!, referenceDocumentUri: String
  quantities: [InventoryQuantityInput!]!
}
input InventoryQuantityInput {
  inventoryItemId: ID!, locationId: ID!, quantity: Int!, changeFromQuantity: Int
}
type InventorySetQuantitiesPayload {
  inventoryAdjustmentGroup: InventoryAdjustmentGroup
  userErrors: [InventorySetQuantitiesUserError!]!
}
type InventoryAdjustmentGroup { id: ID! }
type InventorySetQuantitiesUserError {
  code: InventorySetQuantitiesUserErrorCode, field: [String!], message: String!
}
enum InventorySetQuantitiesUserErrorCode {
  CHANGE_FROM_QUANTITY_STALE IDEMPOTENCY_CONCURRENT_REQUEST IDEMPOTENCY_KEY_PARAMETER_MISMATCH
  INVALID_INVENTORY_ITEM INVALID_LOCATION INVALID_NAME INVALID_QUANTITY_NEGATIVE
  INVALID_QUANTITY_TOO_HIGH ITEM_NOT_STOCKED_AT_LOCATION
  NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR
}
"""
_SCHEMA: Final = build_schema(_SDL)
_IDEMPOTENT: Final[GraphQLDirective] = next(
    one for one in _SCHEMA.directives if one.name == "idempotent"
)
_SCHEMA.get_type("Node").resolve_type = (  # type: ignore[union-attr]
    lambda node, *_: node["__typename"]
)


class ShopifyShop:
    """The shop: its items, and how much of each it has at its one location."""

    def __init__(self, most_points: float = 1_000.0, points_per_second: float = 2_000.0) -> None:
        self.server = FaultyServer(self._handle)
        self.skus: dict[str, str] = {}
        """By id."""
        self.stock: dict[str, int] = {}
        """By id; an item that is not in here is not stocked."""
        self.throttled = 0
        self.writes: list[dict[str, int]] = []
        """What was really changed, by each request that changed anything."""
        self.frozen: dict[str, str] = {}
        """Items that are refused, and the code."""
        self._most = most_points
        self._per_second = points_per_second
        self._points = most_points
        self._at = time.monotonic()
        self._answered: dict[str, tuple[str, Any]] = {}

    def put(self, sku: str, units: int | None = 0) -> str:
        """Let there be an item; without units, one that is not stocked. Its id."""
        id = f"gid://shopify/InventoryItem/{len(self.skus) + 1}"
        self.skus[id] = sku
        if units is not None:
            self.stock[id] = units
        return id

    def units(self) -> dict[str, int]:
        """What it has, by sku."""
        return {self.skus[id]: units for id, units in self.stock.items()}

    def set(self, sku: str, units: int) -> None:
        """Somebody over there changes a quantity."""
        (id,) = (id for id, known in self.skus.items() if known == sku)
        self.stock[id] = units

    def _handle(self, request: Request) -> Answer:
        if request.headers.get("x-shopify-access-token") != TOKEN:
            return Answer(401, {"errors": "[API] Invalid API key or access token"})
        if request.path != f"/admin/api/{VERSION}/graphql.json":
            return Answer(404, {"errors": "Not Found"})
        asked = request.content
        cost = self._cost(asked)
        extensions = {"cost": self._told(cost)}
        if cost > self._points:
            self.throttled += 1
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return Answer(200, {"errors": [error], "extensions": extensions})
        self._points -= cost
        done = graphql_sync(
            _SCHEMA,
            asked["query"],
            {
                "nodes": self._nodes,
                "location": self._location,
                "inventorySetQuantities": self._set_quantities,
            },
            variable_values=asked.get("variables"),
        )
        extensions = {"cost": {**self._told(cost), "actualQueryCost": cost}}
        return Answer(200, {**done.formatted, "extensions": extensions})

    def _cost(self, asked: dict[str, Any]) -> float:
        """An object is a point, and what is in it counts as often as it comes; a mutation is 10."""
        variables: dict[str, Any] = asked.get("variables") or {}
        (operation,) = parse(asked["query"]).definitions
        if operation.operation.value == "mutation":  # type: ignore[attr-defined]
            return 10.0
        return 1.0 + 3 * len(variables.get("ids", ())) + 4 * int(variables.get("first", 0))

    def _told(self, cost: float) -> dict[str, Any]:
        now = time.monotonic()
        self._points = min(self._most, self._points + (now - self._at) * self._per_second)
        self._at = now
        return {
            "requestedQueryCost": cost,
            "actualQueryCost": None,
            "throttleStatus": {
                "maximumAvailable": self._most,
                "currentlyAvailable": int(self._points),
                "restoreRate": self._per_second,
            },
        }

    def _nodes(self, _: Info, ids: list[str]) -> list[Any]:
        return [self._item(id) if id in self.skus else None for id in ids]

    def _item(self, id: str) -> dict[str, Any]:
        def level(_: Info, locationId: str) -> Any:  # noqa: N803 - their name
            return self._level(id) if locationId == LOCATION and id in self.stock else None

        return {
            "__typename": "InventoryItem",
            "id": id,
            "sku": self.skus[id],
            "inventoryLevel": level,
        }

    def _level(self, id: str) -> dict[str, Any]:
        def quantities(_: Info, names: list[str]) -> list[Any]:
            assert names == ["available"]
            return [{"name": "available", "quantity": self.stock[id]}]

        return {"item": lambda _: self._item(id), "quantities": quantities}

    def _location(self, _: Info, id: str) -> Any:
        if id != LOCATION:
            return None

        def levels(_: Info, first: int, after: str | None = None) -> Any:
            ids = sorted(self.stock)
            start = ids.index(after) + 1 if after else 0
            page = ids[start : start + first]
            return {
                "nodes": [self._level(id) for id in page],
                "pageInfo": {
                    "hasNextPage": start + first < len(ids),
                    "endCursor": page[-1] if page else None,
                },
            }

        return {"__typename": "Location", "id": id, "inventoryLevels": levels}

    def _set_quantities(self, info: Info, input: dict[str, Any]) -> Any:
        values = get_directive_values(_IDEMPOTENT, info.field_nodes[0], info.variable_values)
        if values is None:
            raise ValueError("The @idempotent directive is required for this mutation.")
        key = str(values["key"])
        given = json.dumps(input, sort_keys=True)
        if key in self._answered:
            before, payload = self._answered[key]
            if before != given:
                return _refused("IDEMPOTENCY_KEY_PARAMETER_MISMATCH")
            return payload
        payload = self._changed(input)
        self._answered[key] = given, payload
        return payload

    def _changed(self, input: dict[str, Any]) -> Any:
        quantities = input["quantities"]
        if len(quantities) > MAX_QUANTITIES:
            raise ValueError("The input array size of quantities is greater than 250.")
        if any("changeFromQuantity" not in one for one in quantities):
            raise ValueError("changeFromQuantity is required; pass null to opt out.")
        if input["name"] != "available":
            return _refused("INVALID_NAME")
        errors = [
            {"code": code, "field": ["input", "quantities", str(place), field], "message": code}
            for place, one in enumerate(quantities)
            for code, field in [self._wrong(one, quantities)]
            if code
        ]
        if errors:
            return {"inventoryAdjustmentGroup": None, "userErrors": errors}
        changed = {one["inventoryItemId"]: one["quantity"] for one in quantities}
        self.stock |= changed
        self.writes.append({self.skus[id]: units for id, units in changed.items()})
        group = {"id": f"gid://shopify/InventoryAdjustmentGroup/{len(self.writes)}"}
        return {"inventoryAdjustmentGroup": group, "userErrors": []}

    def _wrong(self, one: dict[str, Any], all_of: list[dict[str, Any]]) -> tuple[str, str]:
        id, expected = one["inventoryItemId"], one["changeFromQuantity"]
        if one["locationId"] != LOCATION:
            return "INVALID_LOCATION", "locationId"
        if id not in self.skus:
            return "INVALID_INVENTORY_ITEM", "inventoryItemId"
        if id not in self.stock:
            return "ITEM_NOT_STOCKED_AT_LOCATION", "locationId"
        if sum(other["inventoryItemId"] == id for other in all_of) > 1:
            return "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR", "inventoryItemId"
        if one["quantity"] < 0:
            return "INVALID_QUANTITY_NEGATIVE", "quantity"
        if id in self.frozen:
            return self.frozen[id], "quantity"
        if expected is not None and expected != self.stock[id]:
            return "CHANGE_FROM_QUANTITY_STALE", "changeFromQuantity"
        return "", ""


def _refused(code: str) -> Any:
    error = {"code": code, "field": None, "message": code}
    return {"inventoryAdjustmentGroup": None, "userErrors": [error]}
