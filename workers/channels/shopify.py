"""A shop with Shopify's Admin GraphQL API (2026-04 or later), or one like it.

A quantity is set only where they have what they said last (`changeFromQuantity`), so that a sale of
theirs that the hub does not know yet is not undone. A request that is repeated has the idempotency
key of the first.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hub.domain.channel_targets import ShopifyTarget
from hub.store.channel_sync import UNKNOWN_THERE, PendingPush
from workers.channels.allowance import Allowance
from workers.channels.http_api import HttpApi
from workers.channels.other_side import Listed, OtherSideAway, OtherSideRefuses, Page, Written

PAGE_ITEMS: Final = 100
THROTTLED_TRIES: Final = 5
# The smallest plan; each answer says what holds for this shop.
FIRST_POINTS: Final = 1_000.0
FIRST_POINTS_PER_SECOND: Final = 50.0

_WRITE: Final = """
mutation Push($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id }
    userErrors { code field message }
  }
}"""
_READ: Final = """
query Read($ids: [ID!]!, $location: ID!) {
  nodes(ids: $ids) {
    ... on InventoryItem {
      id
      inventoryLevel(locationId: $location) { quantities(names: ["available"]) { quantity } }
    }
  }
}"""
_LIST: Final = """
query List($location: ID!, $first: Int!, $after: String) {
  location(id: $location) {
    inventoryLevels(first: $first, after: $after) {
      nodes { item { id sku } quantities(names: ["available"]) { quantity } }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""
_COSTS: Final = {_WRITE: (50.0, 0.0), _READ: (10.0, 4.0), _LIST: (10.0, 6.0)}
"""What requests cost at most, before they have said it: as a whole, and for each item."""

_STALE: Final = ("CHANGE_FROM_QUANTITY_STALE", "COMPARE_QUANTITY_STALE")
_UNKNOWN: Final = ("INVALID_INVENTORY_ITEM", "ITEM_NOT_STOCKED_AT_LOCATION")
_NEW_KEY: Final = ("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")
_IN_PROGRESS: Final = "IDEMPOTENCY_CONCURRENT_REQUEST"
_THROTTLED: Final = "THROTTLED"
_FOR_NOW: Final = (_THROTTLED, "INTERNAL_SERVER_ERROR", "TIMEOUT")
_INDEX: Final = 2
"""Where the path of an error has the place in the list: input, quantities, 3, …"""


class Shopify:
    """One location of a shop."""

    can_list = True

    def __init__(self, target: ShopifyTarget, token: str) -> None:
        self.batch_items = target.batch_items
        self._location = target.location
        self._compare = target.compare
        self._url = f"{target.url.rstrip('/')}/admin/api/{target.api_version}/graphql.json"
        allowance = Allowance(FIRST_POINTS, FIRST_POINTS_PER_SECOND)
        headers = {"x-shopify-access-token": token}
        self._api = HttpApi(headers, target.timeout_seconds, allowance)
        self._told_costs: dict[tuple[str, int], float] = {}

    async def write(self, pushes: Sequence[PendingPush], key: str) -> Written:
        """Set quantities, all or, where one is in error, none of them. Items that they have not
        been asked for are asked for first, and set the next time."""
        unseen = [push for push in pushes if push.theirs is None]
        if unseen and self._compare:
            found = await self._read(unseen)
            missing = {push.sku: UNKNOWN_THERE for push in unseen if push.sku not in found}
            return Written(found, missing)
        given = {
            "name": "available",
            "reason": "correction",
            "quantities": [
                {
                    "inventoryItemId": push.external_id,
                    "locationId": self._location,
                    "quantity": push.units,
                    "changeFromQuantity": push.theirs if self._compare else None,
                }
                for push in pushes
            ],
        }
        data = await self._ask(_WRITE, {"input": given, "key": key}, len(pushes))
        errors = data["inventorySetQuantities"]["userErrors"]
        if not errors:
            return Written({push.sku: push.units for push in pushes}, {})
        refused, stale = _judged(pushes, errors)
        return Written({}, refused, await self._read(stale) if stale else {})

    async def page(self, after: str | None) -> Page:
        """Some of what is stocked at the location."""
        variables = {"location": self._location, "first": PAGE_ITEMS, "after": after}
        location = (await self._ask(_LIST, variables, PAGE_ITEMS))["location"]
        if location is None:
            raise OtherSideRefuses(f"they have no location {self._location}")
        levels = location["inventoryLevels"]
        listed = [
            Listed(level["item"]["id"], level["item"]["sku"] or None, _available(level))
            for level in levels["nodes"]
        ]
        info = levels["pageInfo"]
        return Page(listed, info["endCursor"] if info["hasNextPage"] else None)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _read(self, pushes: Sequence[PendingPush]) -> dict[str, int]:
        """What they have at the location, by sku; what is not stocked there is left out."""
        ids = [push.external_id for push in pushes]
        nodes = (await self._ask(_READ, {"ids": ids, "location": self._location}, len(ids)))[
            "nodes"
        ]
        levels = {node["id"]: node.get("inventoryLevel") for node in nodes if node}
        return {
            push.sku: _available(level)
            for push in pushes
            if (level := levels.get(push.external_id)) is not None
        }

    async def _ask(self, document: str, variables: Mapping[str, Any], items: int) -> Any:
        """The data of an answer; waits as long as they say that it is too much."""
        for _ in range(THROTTLED_TRIES):
            await self._api.allowance.take(self._cost(document, items))
            answered = await self._api.ask(
                "POST", self._url, {"query": document, "variables": variables}
            )
            status, answer = answered.status, answered.content
            if not isinstance(answer, dict):
                raise OtherSideAway(f"HTTP {status} without an answer")
            self._learn(document, items, answer.get("extensions"))
            errors = answer.get("errors")
            if not errors and isinstance(answer.get("data"), dict):
                return answer["data"]
            codes = _codes(errors)
            if codes.isdisjoint(_FOR_NOW):
                raise OtherSideRefuses(f"HTTP {status}: {errors or answer}"[:500])
            if _THROTTLED not in codes:
                raise OtherSideAway(", ".join(sorted(codes)))
        raise OtherSideAway("they throttle every request")

    def _cost(self, document: str, items: int) -> float:
        flat, each = _COSTS[document]
        return self._told_costs.get((document, items), flat + each * items)

    def _learn(self, document: str, items: int, extensions: Any) -> None:
        cost = (extensions or {}).get("cost")
        if not cost:
            return
        self._told_costs[document, items] = float(cost["requestedQueryCost"])
        status = cost["throttleStatus"]
        self._api.allowance.told(
            float(status["currentlyAvailable"]),
            float(status["maximumAvailable"]),
            float(status["restoreRate"]),
        )


def _judged(
    pushes: Sequence[PendingPush], errors: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, str], list[PendingPush]]:
    """What they refuse, and of what they have another quantity."""
    refused: dict[str, str] = {}
    stale: dict[str, PendingPush] = {}
    for error in errors:
        code = error["code"] or "REFUSED"
        if code == _IN_PROGRESS:
            raise OtherSideAway(code, after_seconds=1.0)
        if code in _NEW_KEY:
            return {}, []
        push = _named(pushes, error.get("field"))
        if push is None and code in _STALE:
            return {}, list(pushes)
        if push is None:
            raise OtherSideRefuses(f"{code}: {error['message']}"[:500])
        if code in _STALE:
            stale[push.sku] = push
        else:
            refused[push.sku] = UNKNOWN_THERE if code in _UNKNOWN else code
    return refused, list(stale.values())


def _named(pushes: Sequence[PendingPush], field: Sequence[str] | None) -> PendingPush | None:
    """The push that the path of an error names."""
    if field is None or len(field) <= _INDEX or not field[_INDEX].isdigit():
        return None
    place = int(field[_INDEX])
    return pushes[place] if place < len(pushes) else None


def _available(level: Mapping[str, Any]) -> int:
    return int(level["quantities"][0]["quantity"])


def _codes(errors: Any) -> set[str]:
    return {str((error.get("extensions") or {}).get("code")) for error in errors or ()}
