"""Snapshots in quarantine over GraphQL: seen, approved and rejected."""

from datetime import UTC, datetime, timedelta

from hub.domain.guard_rails import GuardRails
from hub.domain.snapshots import CountedRow, Snapshot, Whole
from tests.integration.graphql.conftest import MUGS, SEED, Served
from workers.snapshots import SnapshotJobs

QUARANTINE = """{ quarantine(first: 10) { edges { node {
    id source name state rows leftOut applied unchanged refused asOf
    report { rail limit actual problem } receivedAt decidedAt decidedBy reason finishedAt } } } }"""


async def held_back(served: Served, name: str) -> Snapshot:
    now = datetime.now(UTC) + timedelta(minutes=1)
    rows = [CountedRow(line, mug.sku, "BER", 0, None, now) for line, mug in enumerate(MUGS, 2)]
    whole = Whole("erp", name, rails=GuardRails(from_items=1))
    return await served.services.snapshots.take(SEED, whole, rows)


async def test_a_person_sees_what_is_wrong_and_approves_it(served: Served) -> None:
    await held_back(served, "zeros")
    (edge,) = (await served.ask(QUARANTINE))["quarantine"]["edges"]
    seen = edge["node"]
    assert (seen["source"], seen["state"], seen["rows"], seen["applied"]) == (
        "erp", "QUARANTINED", 3, 0,
    )  # fmt: skip
    assert seen["report"][0] == {
        "rail": "zeroed_share",
        "limit": 0.3,
        "actual": 1,
        "problem": "would leave nothing of 3 of the 3 items in stock (100%; up to 30% is believed)",
    }
    given = {"id": seen["id"], "idempotencyKey": "k"}
    for _ in range(2):
        done = await served.mutate("approveSnapshot", "snapshot { state decidedBy }", **given)
        assert done["snapshot"]["state"] == "APPLYING"
    assert (await served.ask(QUARANTINE))["quarantine"]["edges"] == []
    assert await SnapshotJobs(served.services).step() == 1
    answer = await served.ask('{ availability(skus: ["MUG-S"]) { quantity } }')
    assert answer["availability"] == [{"quantity": 0}]


async def test_what_is_rejected_can_not_be_approved_any_more(served: Served) -> None:
    id = str((await held_back(served, "zeros")).id)
    done = await served.mutate("rejectSnapshot", "snapshot { state reason }", id=id, reason="no")
    assert done["snapshot"] == {"state": "REJECTED", "reason": "no"}
    late = await served.mutate(
        "approveSnapshot", "snapshot { id }", "... on SnapshotNotQuarantined { state }", id=id
    )
    assert (late["code"], late["state"]) == ("SNAPSHOT_NOT_QUARANTINED", "REJECTED")
    unknown = await served.mutate("rejectSnapshot", "snapshot { id }", id="77", reason="no")
    assert unknown["code"] == "SNAPSHOT_NOT_FOUND"
