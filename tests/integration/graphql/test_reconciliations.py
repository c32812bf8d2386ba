"""Comparisons over GraphQL: listed, looked at by cause and item, and booked."""

from datetime import UTC, datetime, timedelta

from hub.domain.snapshots import CountedRow, Whole
from hub.domain.source_reconciliation import Reconciling
from hub.domain.sources import source_from
from hub.domain.values import UNIT
from tests.integration.graphql.conftest import MUGS, SEED, Served
from workers.drift import Drift

LIST = """{
    reconciliations(source: "erp", kind: SOURCE, first: 10) { edges { cursor node {
        id kind source name state policy actor asOf comparedAt compared drifted units refusedRows
        open asked booked overtaken refused note
        causes { cause items units correction } report { rail } } } pageInfo { hasNextPage } }
    sourceReconciliations { source every policy comparedAt dueAt state } }"""
ONE = """query ($id: ID!, $after: String) { reconciliation(id: $id) {
    items(first: 1, after: $after, causes: [SURPLUS, SHRINKAGE], states: [OPEN, BOOKED]) {
        edges { cursor node { sku location hub source difference correction cause evidence state
                decidedAt decidedBy reason note } } pageInfo { hasNextPage endCursor } } } }"""


async def compared(served: Served) -> None:
    now = datetime.now(UTC) + timedelta(minutes=1)
    units = {"MUG-S": 3, "MUG-M": 5, "MUG-L": 6}
    rows = [
        CountedRow(line, mug.sku, "BER", units[mug.sku] * UNIT, None, now)
        for line, mug in enumerate(MUGS, 2)
    ]
    whole = Whole("erp", "full", reconciling=Reconciling(timedelta()))
    await served.services.snapshots.take(SEED, whole, rows)


async def test_a_person_sees_what_differs_and_has_it_booked(served: Served) -> None:
    weekly = {"name": "erp", "format": "csv", "reconciliation": {"every": "7d"}}
    await served.services.sources.put(SEED, source_from(weekly))
    await compared(served)
    answer = await served.ask(LIST)
    (edge,) = answer["reconciliations"]["edges"]
    seen = edge["node"]
    assert (seen["state"], seen["compared"], seen["drifted"], seen["open"]) == ("OPEN", 3, 2, 2)
    assert seen["causes"] == [
        {"cause": "SHRINKAGE", "items": 1, "units": 2, "correction": -2},
        {"cause": "SURPLUS", "items": 1, "units": 1, "correction": 1},
    ]
    (standing,) = answer["sourceReconciliations"]
    assert (standing["every"], standing["state"]) == ("7d", "ON_TIME")

    page = (await served.ask(ONE, id=seen["id"]))["reconciliation"]["items"]
    first = page["edges"][0]["node"]
    assert (first["sku"], first["hub"], first["source"], first["correction"]) == ("MUG-S", 5, 3, -2)
    assert (page["pageInfo"]["hasNextPage"], first["state"]) == (True, "OPEN")
    cursor = page["pageInfo"]["endCursor"]
    page = (await served.ask(ONE, id=seen["id"], after=cursor))["reconciliation"]["items"]
    assert [one["node"]["sku"] for one in page["edges"]] == ["MUG-L"]

    given = {
        "id": seen["id"],
        "items": [{"sku": "MUG-S", "location": "BER"}],
        "reason": "counted by hand",
        "idempotencyKey": "k",
    }
    for _ in range(2):
        done = await served.mutate(
            "bookReconciliation", "asked reconciliation { state booked open }", **given
        )
        assert done["asked"] == 1
        assert done["reconciliation"] == {"state": "OPEN", "booked": 1, "open": 1}
    answer = await served.ask('{ availability(skus: ["MUG-S"]) { quantity } }')
    assert answer["availability"] == [{"quantity": 3}]
    wrong = await served.mutate("bookReconciliation", "asked", id="77", reason="no")
    assert wrong["code"] == "RECONCILIATION_NOT_FOUND"
    assert (await served.ask(ONE, id="77"))["reconciliation"] is None

    await Drift(served.services).tell()
    told = (await served.http.get("/metrics")).text
    assert 'hub_drift_units{cause="SHRINKAGE",kind="SOURCE",source="erp"} 2.0' in told
    assert 'hub_drift_open_items{kind="SOURCE",source="erp"} 1.0' in told
    assert 'hub_reconciliation_overdue{source="erp"} 0.0' in told
