"""Dead letters over GraphQL: looked at, edited, put back and discarded, one or many."""

from typing import Any

from hub.domain.values import UNIT
from tests.integration.graphql.conftest import SEED, Served
from tests.integration.shop import position
from workers.ingest import Ingest

LETTERS = """query ($filter: DeadLetterFilter) { deadLetters(filter: $filter) { edges { node {
    id state eventId errorCode attempts payload editedPayload
    history { step actor attempt errorCode reason payload } } } } }"""
LETTER = """query ($id: ID!) { deadLetter(id: $id) { state editedPayload
    history { step actor reason } } }"""
STANDING = "deadLetter { state history { step } }"


def event(id: str, sku: str, delta: float = 1) -> dict[str, Any]:
    data = {"sku": sku, "location": "BER", "delta": delta, "reason": "found"}
    return {
        "specversion": "1.0", "id": id, "source": "erp", "type": "stock.adjusted", "data": data,
    }  # fmt: skip


async def dead(served: Served, *events: dict[str, Any], **filter: Any) -> list[dict[str, Any]]:
    await served.services.intake.accept_events(SEED, "erp", events)
    await Ingest(served.services).drain()
    edges = (await served.ask(LETTERS, filter=filter))["deadLetters"]["edges"]
    return [edge["node"] for edge in edges]


async def test_a_letter_is_edited_and_tells_what_was_done(served: Served) -> None:
    (letter,) = await dead(served, event("e-1", "NOPE"), errorCode="UNKNOWN_SKU", source="erp")
    assert (letter["state"], letter["attempts"], letter["editedPayload"]) == ("DEAD", 1, None)
    assert [one["step"] for one in letter["history"]] == ["FAILED"]

    wrong = await served.mutate(
        "editDeadLetter",
        STANDING,
        "... on InvalidInput { field }",
        id=letter["id"],
        payload=event("e-2", "TEA"),
    )
    assert (wrong["__typename"], wrong["field"]) == ("InvalidInput", "payload.id")
    given = {"id": letter["id"], "payload": event("e-1", "TEA"), "idempotencyKey": "k-1"}
    for _ in range(2):
        edited = await served.mutate("editDeadLetter", STANDING, **given)
        assert edited["__typename"] == "EditDeadLetterSuccess"
        await Ingest(served.services).drain()

    assert (await position(served.services, "TEA")).on_hand == 6 * UNIT
    told = (await served.ask(LETTER, id=letter["id"]))["deadLetter"]
    assert (told["state"], told["editedPayload"]) == ("APPLIED", event("e-1", "TEA"))
    assert [one["step"] for one in told["history"]] == ["FAILED", "EDITED", "REQUEUED", "APPLIED"]
    settled = await served.mutate(
        "requeueDeadLetter",
        STANDING,
        "... on DeadLetterSettled { letterState }",
        id=letter["id"],
    )
    assert (settled["code"], settled["letterState"]) == ("DEAD_LETTER_SETTLED", "APPLIED")


async def test_a_letter_is_discarded_with_a_reason_and_put_back(served: Served) -> None:
    (letter,) = await dead(served, event("e-1", "NOPE"))
    done = await served.mutate("discardDeadLetter", STANDING, id=letter["id"], reason="a test")
    assert done["deadLetter"]["state"] == "DISCARDED"
    assert await dead(served, event("e-1", "NOPE")) == []
    told = (await served.ask(LETTER, id=letter["id"]))["deadLetter"]
    assert told["history"][-1]["reason"] == "a test"
    back = await served.mutate("requeueDeadLetter", STANDING, id=letter["id"])
    assert back["deadLetter"]["state"] == "PENDING"
    assert (await served.ask(LETTER, id="x"))["deadLetter"] is None
    none = await served.mutate("requeueDeadLetter", STANDING, id="x")
    assert none["code"] == "DEAD_LETTER_NOT_FOUND"


async def test_many_are_done_at_once_and_told_how_many(served: Served) -> None:
    await dead(served, *(event(f"e-{number}", "NOPE") for number in range(5)))
    counts = "count left"
    given: dict[str, Any] = {"filter": {"type": "stock.adjusted"}, "most": 3}
    put_back = await served.mutate("requeueDeadLetters", counts, **given)
    assert (put_back["count"], put_back["left"]) == (3, 2)
    await Ingest(served.services).drain()
    ended = await served.mutate("discardDeadLetters", counts, **given, reason="no such item")
    assert (ended["count"], ended["left"]) == (3, 2)
    assert len(await dead(served, event("e-0", "NOPE"))) == 2
    none = await served.mutate("discardDeadLetters", counts, filter={"source": "x"}, reason="-")
    assert (none["count"], none["left"]) == (0, 0)
    refused = await served.mutate("requeueDeadLetters", counts, filter={}, most=0)
    assert refused["code"] == "INVALID_INPUT"


async def test_what_became_of_letters_is_found_by_their_state(served: Served) -> None:
    asked = """query ($state: [DeadLetterState!], $after: String) {
        deadLetters(first: 1, after: $after, state: $state, filter: { source: "erp" }) {
            edges { node { eventId state } } pageInfo { hasNextPage endCursor } } }"""

    async def found(*state: str, after: str | None = None) -> tuple[list[str], Any]:
        page = (await served.ask(asked, state=list(state), after=after))["deadLetters"]
        nodes = [edge["node"] for edge in page["edges"]]
        assert all(node["state"] in state for node in nodes)
        more = page["pageInfo"]
        return [node["eventId"] for node in nodes], more["hasNextPage"] and more["endCursor"]

    applied, discarded, _ = [
        (await dead(served, event(id, "NOPE")))[0]["id"] for id in ("e-1", "e-2", "e-3")
    ]
    # What took effect at once was never a dead letter.
    await dead(served, event("e-4", "TEA"))
    await served.mutate("editDeadLetter", "__typename", id=applied, payload=event("e-1", "TEA"))
    await served.mutate("discardDeadLetter", "__typename", id=discarded, reason="a test")
    await Ingest(served.services).drain()
    assert await found("DEAD") == (["e-3"], False)
    assert await found("DISCARDED") == (["e-2"], False)
    first, cursor = await found("APPLIED", "DISCARDED")
    assert first == ["e-2"]
    assert await found("APPLIED", "DISCARDED", after=cursor) == (["e-1"], False)
