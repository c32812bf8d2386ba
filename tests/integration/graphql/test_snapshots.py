"""Snapshots in quarantine over GraphQL: seen, approved and rejected."""

from datetime import UTC, datetime, timedelta

from hub.domain.guard_rails import GuardRails
from hub.domain.snapshots import CountedRow, Snapshot, Whole
from hub.domain.values import UNIT
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


CHANGES = """query ($id: ID!, $first: Int!, $rail: String) {
    snapshotChanges(id: $id, first: $first, rail: $rail) {
        line sku location before after itemExists } }"""


async def test_a_person_sees_what_it_would_change_most_and_nothing_once_it_is_decided(
    served: Served,
) -> None:
    now = datetime.now(UTC) + timedelta(minutes=1)
    rows = [
        CountedRow(2, "MUG-S", "BER", 2005 * UNIT, None, now),
        CountedRow(3, "MUG-NEW", "BER", 7 * UNIT, None, now),
        CountedRow(4, "MUG-M", "LON", 0, None, now),
        CountedRow(5, "MUG-L", "BER", 0, None, now),
    ]
    rails = GuardRails(unknown_share=0, from_items=1)
    snapshot = await served.services.snapshots.take(SEED, Whole("erp", "wild", rails=rails), rows)
    asked = {"id": str(snapshot.id), "first": 5}
    assert (await served.ask(CHANGES, **asked))["snapshotChanges"] == [
        {"line": 2, "sku": "MUG-S", "location": "BER", "before": 5, "after": 2005,
         "itemExists": True},
        {"line": 3, "sku": "MUG-NEW", "location": "BER", "before": None, "after": 7,
         "itemExists": False},
        {"line": 5, "sku": "MUG-L", "location": "BER", "before": 5, "after": 0, "itemExists": True},
    ]  # fmt: skip
    for rail, lines in (
        ("zeroed_share", [5]),
        ("total_drop_share", [5]),
        ("jump_factor", [2]),
        ("unknown_share", [3]),
        ("days_out_of_order", [2, 3, 5]),
    ):
        of_rail = (await served.ask(CHANGES, **asked, rail=rail))["snapshotChanges"]
        assert [change["line"] for change in of_rail] == lines, rail
    no_rail = await served.refused(CHANGES, **asked, rail="from_items")
    assert no_rail["extensions"]["field"] == "rail"
    assert len((await served.ask(CHANGES, **asked | {"first": 1}))["snapshotChanges"]) == 1
    await served.mutate("rejectSnapshot", "snapshot { id }", id=asked["id"], reason="no")
    assert (await served.ask(CHANGES, **asked))["snapshotChanges"] == []
    assert (await served.ask(CHANGES, id="77", first=5))["snapshotChanges"] == []


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
