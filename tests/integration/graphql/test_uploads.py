"""Uploads over GraphQL: their progress, and their rows page by page."""

import asyncio
from typing import Any

from hub.domain.sources import source_from
from tests.integration.graphql.conftest import SEED, Served
from workers.ingest import Ingest
from workers.uploads import Uploads

UPLOADS = """{ uploads(source: "acme", first: 10) { edges { node {
    id source actor name state progress size rows read accepted duplicates superseded deadLetters
    ignored refused warnings snapshot { state } replies errorCode error callbackState
    receivedAt startedAt finishedAt } } }
    none: uploads(source: "nobody") { edges { cursor } } }"""
ROWS = """query ($id: ID!, $after: String) {
    upload(id: $id) { state }
    uploadRows(upload: $id, status: [REFUSED], first: 2, after: $after) {
        edges { node { line column status code reason eventId } }
        pageInfo { hasNextPage endCursor } }
    nothing: upload(id: "99") { state }
    noRows: uploadRows(upload: "99") { edges { cursor } } }"""


async def uploaded(served: Served, body: str, **configuration: Any) -> str:
    """The id of an upload that is done."""
    source = {"name": "acme", "format": "csv", **configuration}
    await served.services.sources.put(SEED, source_from(source))
    sent = await served.http.post(
        "/sources/acme/uploads?name=stock.csv", content=body, headers={"content-type": "text/csv"}
    )
    id: str = sent.json()["id"]
    stop = asyncio.Event()
    working = asyncio.create_task(Ingest(served.services).run(stop))
    await Uploads(served.services).take_in(id.encode())
    stop.set()
    await working
    return id


async def test_an_upload_and_what_was_refused_of_it_are_seen(served: Served) -> None:
    wrong = "".join(f"NONE-{n},BER,1\n" for n in range(3))
    id = await uploaded(served, f"sku,location,on_hand\nMUG-S,BER,9\n{wrong}")
    answer = await served.ask(UPLOADS)
    assert answer["none"] == {"edges": []}
    (edge,) = answer["uploads"]["edges"]
    seen = edge["node"]
    assert (seen["id"], seen["actor"], seen["name"]) == (id, "local", "stock.csv")
    assert (seen["state"], seen["progress"], seen["rows"]) == ("DONE", 1, 4)
    assert (seen["accepted"], seen["refused"], seen["snapshot"]) == (1, 3, None)

    first = await served.ask(ROWS, id=id)
    assert (first["nothing"], first["noRows"]) == (None, None)
    page = first["uploadRows"]
    assert page["pageInfo"]["hasNextPage"]
    (more,) = (await served.ask(ROWS, id=id, after=page["pageInfo"]["endCursor"]))["uploadRows"][
        "edges"
    ]
    assert [one["node"]["line"] for one in (*page["edges"], more)] == [3, 4, 5]
    assert more["node"] == {
        "line": 5,
        "column": "sku",
        "status": "REFUSED",
        "code": "UNKNOWN_SKU",
        "reason": "no item has the sku 'NONE-2'; skus are case-sensitive",
        "eventId": None,
    }


async def test_refused_rows_of_a_snapshot_are_seen(served: Served) -> None:
    wrong = "".join(f"NONE-{n},BER,1\n" for n in range(3))
    body = f"sku,location,on_hand\nMUG-S,BER,9\n{wrong}"
    await uploaded(served, body, options={"snapshot": True})
    (edge,) = (await served.ask(UPLOADS))["uploads"]["edges"]
    assert edge["node"]["snapshot"] == {"state": "APPLIED"}
    (snapshot,) = (await served.services.snapshots.page(SEED, None, 10, None)).nodes
    document = """query ($id: ID!, $after: String) {
        snapshot(id: $id) { refused }
        snapshotRefusals(snapshot: $id, first: 2, after: $after) {
            edges { node { line column sku location code problem } }
            pageInfo { hasNextPage endCursor } }
        nothing: snapshot(id: "99") { id }
        noRows: snapshotRefusals(snapshot: "x") { edges { cursor } } }"""
    first = await served.ask(document, id=str(snapshot.id))
    assert (first["nothing"], first["noRows"], first["snapshot"]) == (None, None, {"refused": 3})
    page = first["snapshotRefusals"]
    after = page["pageInfo"]["endCursor"]
    more = (await served.ask(document, id=str(snapshot.id), after=after))["snapshotRefusals"]
    found = [one["node"] for one in (*page["edges"], *more["edges"])]
    assert [(one["line"], one["sku"], one["code"]) for one in found] == [
        (3, "NONE-0", "UNKNOWN_SKU"),
        (4, "NONE-1", "UNKNOWN_SKU"),
        (5, "NONE-2", "UNKNOWN_SKU"),
    ]
