"""The door for configured sources: who may enter, what is kept, and what is told of each row."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from hub.bootstrap import Services
from hub.domain.errors import InvalidInput
from hub.domain.principal import AccessScope
from hub.domain.source_deliveries import SourceDelivery
from hub.domain.sources import source_from
from hub.domain.values import UNIT
from hub.domain.webhook_signature import new_secret, signed_headers
from hub.services.source_deliveries import Rows
from hub.settings import AccessToken
from tests.integration.events import adjusted, inbox_states
from tests.integration.serving import served
from tests.integration.shop import CLERK, execute, opened, position, put_shop
from workers.ingest import Ingest
from workers.sources.delivery_replay import ReplayedDeliveries, replay_deliveries

OLD, NEW = new_secret(), new_secret()
TOKEN, READER = "a-token-of-the-till", "a-token-of-a-page"
STOCK = b"sku;location;on_hand\nA-1;BER;5\nA-2;BER;7\n"
ACME: dict[str, Any] = {
    "name": "acme",
    "format": "csv",
    "signing": {"kind": "standard-webhooks", "secrets": ["ACME_OLD", "ACME_NEW"]},
}


@pytest.fixture
async def guarded(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    """A hub with tokens, and a source that signs what it sends."""
    monkeypatch.setenv("ACME_OLD", OLD)
    monkeypatch.setenv("ACME_NEW", NEW)
    tokens = {
        hashlib.sha256(token.encode()).hexdigest(): AccessToken(
            name=scope, scopes=frozenset({scope})
        )
        for token, scope in (
            (TOKEN, AccessScope.EVENTS_INGEST),
            (READER, AccessScope.AVAILABILITY_READ),
        )
    }
    async with opened(database_url, access_tokens=tokens) as services:
        await put_shop(services)
        await put(services, ACME)
        yield services


@pytest.fixture
async def client(guarded: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with served(guarded) as one:
        yield one


async def put(services: Services, plain: dict[str, Any]) -> None:
    await services.sources.put(CLERK, source_from(plain))


async def send(
    services: Services,
    client: httpx.AsyncClient,
    body: bytes = STOCK,
    id: str = "msg-1",
    *,
    secret: str = NEW,
    late_seconds: int = 0,
    other: Mapping[str, str] = MappingProxyType({}),
) -> httpx.Response:
    """Send what acme signs."""
    at = services.clock.now() - timedelta(seconds=late_seconds)
    signed = signed_headers([secret], id, at, body)
    headers = {"content-type": "text/csv", **signed, **other}
    return await client.post("/ingest/acme", content=body, headers=headers)


async def ask(client: httpx.AsyncClient, document: str, authorization: str) -> Any:
    headers = {"authorization": authorization}
    return (await client.post("/graphql", json={"query": document}, headers=headers)).json()


async def deliveries(services: Services) -> list[SourceDelivery]:
    return (await services.source_deliveries.page(CLERK, None, None, 50, None)).nodes


async def replay(services: Services) -> ReplayedDeliveries:
    now = services.clock.now()
    day = timedelta(days=1)
    return await replay_deliveries(services, CLERK, "acme", now - day, now + day)


async def test_what_a_source_signs_is_read_by_its_format_and_takes_effect_once(
    guarded: Services, client: httpx.AsyncClient
) -> None:
    answer = await send(guarded, client)
    assert answer.status_code == 202, answer.text
    told = answer.json()
    assert [one["duplicate"] for one in told["accepted"]] == [False, False]
    assert told["refused"] == []

    again = await send(guarded, client, secret=OLD)
    assert again.status_code == 202
    assert again.json()["delivery"] == told["delivery"]
    assert [one["duplicate"] for one in again.json()["accepted"]] == [True, True]

    await Ingest(guarded).drain()
    assert (await position(guarded, "A-2")).on_hand == 7 * UNIT
    (kept,) = await deliveries(guarded)
    assert (kept.received.body, kept.received.sender_id, kept.state) == (STOCK, "msg-1", "ACCEPTED")
    assert "webhook-signature" not in kept.received.headers


async def test_who_does_not_prove_himself_hears_no_more_than_that(
    guarded: Services, client: httpx.AsyncClient
) -> None:
    bearer = {"authorization": f"Bearer {TOKEN}"}
    answers = [
        await send(guarded, client, secret=new_secret()),
        await send(guarded, client, late_seconds=301),
        await send(guarded, client, late_seconds=-302),
        await send(guarded, client, other={"webhook-id": "another"}),
        await send(guarded, client, b"", other={"webhook-signature": ""}),
        await client.post("/ingest/acme", content=STOCK, headers=bearer),
        await client.post("/ingest/acme", content=STOCK, headers={"content-type": "text/csv"}),
        await client.post("/ingest/acme", json={"specversion": "1.0"}, headers=bearer),
    ]
    assert {answer.status_code for answer in answers} == {401}
    (told,) = {answer.text for answer in answers}
    assert answers[0].json()["error"]["code"] == "SENDER_UNPROVEN"
    assert not any(secret in told for secret in (OLD, NEW, TOKEN))
    long = await send(guarded, client, b"x" * (guarded.settings.max_event_bytes + 1))
    assert (long.status_code, long.json()["error"]["code"]) == (413, "LIMIT_EXCEEDED")
    assert await deliveries(guarded) == []


async def test_a_secret_that_is_not_set_lets_nobody_in(
    guarded: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACME_OLD")
    assert (await send(guarded, client, secret=OLD)).status_code == 401
    assert (await send(guarded, client)).status_code == 202
    monkeypatch.setenv("ACME_NEW", "")
    assert (await send(guarded, client, b"other", "msg-2")).status_code == 401


async def test_a_source_that_only_a_newer_hub_can_read_is_no_source_that_is_not_there(
    guarded: Services, client: httpx.AsyncClient, database_url: str
) -> None:
    await execute(
        database_url,
        """update source set version = nextval('source_version'),
               configuration = configuration || '{"cadence": "1h"}'""",
    )
    bearer = {"authorization": f"Bearer {TOKEN}"}
    event = adjusted(1)
    for answer in (
        await send(guarded, client),
        await client.post("/ingest/acme", json=event, headers=bearer),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert (await client.post("/ingest/other", json=event, headers=bearer)).status_code == 202


async def test_rows_that_are_refused_are_told_and_the_others_go_in(
    guarded: Services, client: httpx.AsyncClient
) -> None:
    body = b"sku;location;on_hand\nA-1;BER;5\nA-9;BER;1\nA-2;BER;many\n"
    answer = await send(guarded, client, body)
    assert answer.status_code == 202
    told = answer.json()
    assert len(told["accepted"]) == 1
    assert [(one["code"], one["line"], one["column"]) for one in told["refused"]] == [
        ("UNKNOWN_SKU", 3, "sku"),
        ("NOT_A_NUMBER", 4, "on_hand"),
    ]
    document = """{
        deliveries(source: "acme", state: [ACCEPTED]) { edges { node {
            id source senderId mediaType headers size payload state
            report { accepted duplicates refused findings { severity code line column } }
        } } }
        none: deliveries(state: [REFUSED]) { edges { cursor } }
        nobody: deliveries(source: "nobody") { edges { cursor } }
    }"""
    answer = await ask(client, document, f"Bearer {TOKEN}")
    assert answer["data"]["none"] == answer["data"]["nobody"] == {"edges": []}
    (edge,) = answer["data"]["deliveries"]["edges"]
    report = edge["node"].pop("report")
    assert (report["accepted"], report["duplicates"], report["refused"]) == (1, 0, 2)
    assert report["findings"][0] == {
        "severity": "ERROR",
        "code": "UNKNOWN_SKU",
        "line": 3,
        "column": "sku",
    }
    assert edge["node"]["headers"]["webhook-id"] == "msg-1"
    del edge["node"]["headers"]
    assert edge["node"] == {
        "id": told["delivery"],
        "source": "acme",
        "senderId": "msg-1",
        "mediaType": "text/csv",
        "size": len(body),
        "payload": body.decode(),
        "state": "ACCEPTED",
    }
    refusal = await ask(client, "{ deliveries { edges { cursor } } }", f"Bearer {READER}")
    assert refusal["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_what_can_not_be_read_is_kept_with_the_reason_and_goes_in_once_it_can(
    guarded: Services, client: httpx.AsyncClient
) -> None:
    unknown = await send(guarded, client, b"sku;location;on_hand\nX-1;BER;5\n", "msg-1")
    assert unknown.status_code == 400
    assert unknown.json()["error"]["code"] == "DELIVERY_REFUSED"
    assert unknown.json()["error"]["refused"][0]["code"] == "UNKNOWN_SKU"
    no_csv = await send(guarded, client, b"\x00\x01", "msg-2")
    assert no_csv.status_code == 400
    assert [one.state for one in await deliveries(guarded)] == ["REFUSED", "REFUSED"]
    assert await inbox_states(guarded) == {}

    assert (await replay(guarded)).refused_deliveries == 2
    await put(guarded, {**ACME, "skus": {"aliases": {"X-1": "A-1"}}})
    report = await replay(guarded)
    assert (report.deliveries, report.accepted, report.refused_deliveries) == (2, 1, 1)
    await Ingest(guarded).drain()
    assert (await position(guarded)).on_hand == 5 * UNIT
    twice = await replay(guarded)
    assert (twice.accepted, twice.duplicates) == (0, 1)


async def test_more_changes_than_one_request_may_have_are_refused_as_a_whole(
    guarded: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.sources.deliveries.MAX_DELIVERY_EVENTS", 1)
    answer = await send(guarded, client)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "LIMIT_EXCEEDED")
    (kept,) = await deliveries(guarded)
    assert (kept.state, kept.report.findings[0].code) == ("REFUSED", "LIMIT_EXCEEDED")
    assert await inbox_states(guarded) == {}


async def test_replayed_by_other_settings_what_is_in_the_inbox_stays_as_it_is(
    guarded: Services, client: httpx.AsyncClient
) -> None:
    await send(guarded, client, b"sku;location;on_hand\nA-1;BER;5\nX-2;BER;6\n")
    await put(guarded, {**ACME, "skus": {"aliases": {"A-1": "B-1", "X-2": "A-2"}}})
    report = await replay(guarded)
    assert (report.accepted, report.duplicates, report.refused) == (1, 0, 1)
    (kept,) = await deliveries(guarded)
    assert kept.state == "ACCEPTED"
    assert [one.code for one in kept.report.findings] == ["EVENT_MISMATCH"]
    await Ingest(guarded).drain()
    assert [(await position(guarded, sku)).on_hand for sku in ("A-1", "A-2", "B-1")] == [
        5 * UNIT,
        6 * UNIT,
        0,
    ]


async def test_who_reads_by_older_settings_does_not_take_back_what_was_accepted_meanwhile(
    guarded: Services, client: httpx.AsyncClient
) -> None:
    unknown = b"sku;location;on_hand\nX-1;BER;5\n"
    assert (await send(guarded, client, unknown)).status_code == 400
    (refused,) = await deliveries(guarded)
    await put(guarded, {**ACME, "skus": {"aliases": {"X-1": "A-1"}}})
    assert (await send(guarded, client, unknown)).status_code == 202

    kept = guarded.source_deliveries
    await kept.refuse(refused.received, InvalidInput(field="sku", problem="is none"), refused)
    told = await kept.keep(refused.received, Rows([], refused=1), refused)
    assert (told and told.state) == "ACCEPTED"
    assert [one.state for one in await deliveries(guarded)] == ["ACCEPTED"]
    assert (await send(guarded, client, STOCK)).status_code == 409


async def test_an_id_that_is_known_with_another_payload_is_a_conflict_and_kept(
    guarded: Services, client: httpx.AsyncClient
) -> None:
    await send(guarded, client)
    other = STOCK.replace(b"5", b"6")
    for _ in range(2):
        answer = await send(guarded, client, other)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "EVENT_MISMATCH")
    refused, accepted = await deliveries(guarded)
    assert (refused.state, refused.received.body, accepted.state) == ("REFUSED", other, "ACCEPTED")
    assert len(await inbox_states(guarded)) == 2


async def test_the_same_sent_by_many_at_once_is_kept_once(
    guarded: Services, client: httpx.AsyncClient
) -> None:
    answers = await asyncio.gather(*(send(guarded, client) for _ in range(12)))
    assert {answer.status_code for answer in answers} == {202}
    fresh = [one for answer in answers for one in answer.json()["accepted"] if not one["duplicate"]]
    assert len(fresh) == 2
    assert len(await deliveries(guarded)) == 1


async def test_two_bodies_at_once_under_one_id_are_one_and_a_conflict(
    guarded: Services, client: httpx.AsyncClient
) -> None:
    bodies = [b"sku;location;on_hand\nA-1;BER;%d\n" % units for units in range(8)]
    answers = await asyncio.gather(*(send(guarded, client, body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 7
    assert len(await inbox_states(guarded)) == 1


async def test_a_webhook_of_shopify_is_known_by_its_signature(
    guarded: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_SECRET", "shpss_0123456789abcdef")
    await put(
        guarded,
        {
            "name": "shop",
            "format": "shopify",
            "locations": {"names": {"655441491": "BER"}},
            "skus": {"aliases": {"271878346596884015": "A-1"}},
            "signing": {"kind": "shopify", "secrets": ["SHOP_SECRET"]},
        },
    )
    body = (
        b'{"inventory_item_id":271878346596884015,"location_id":655441491,"available":4,'
        b'"updated_at":"2026-11-20T10:00:00Z"}'
    )
    digest = hmac.new(b"shpss_0123456789abcdef", body, hashlib.sha256).digest()
    headers = {
        "content-type": "application/json",
        "x-shopify-topic": "inventory_levels/update",
        "x-shopify-webhook-id": "b54557e4",
        "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
    }
    answer = await client.post("/ingest/shop", content=body, headers=headers)
    assert answer.status_code == 202, answer.text
    assert len(answer.json()["accepted"]) == 1
    wrong = await client.post("/ingest/shop", content=body + b" ", headers=headers)
    assert wrong.status_code == 401
    (kept,) = await deliveries(guarded)
    assert kept.received.headers["x-shopify-topic"] == "inventory_levels/update"
    assert "x-shopify-hmac-sha256" not in kept.received.headers


async def test_who_takes_an_answer_in_his_own_format_gets_it(
    guarded: Services, client: httpx.AsyncClient
) -> None:
    await put(guarded, {**ACME, "format": "x12", "locations": {"names": {"ACME": "BER"}}})
    sent = (
        b"ISA*00*          *00*          *ZZ*ACME           *ZZ*HUB            *201122*1000*U*00401"
        b"*000000007*0*P*>~GS*IB*ACME*HUB*20201122*1000*7*X*004010~ST*846*0007~"
        b"BIA*00*SI*INV-7*20201122~LIN*1*SK*A-1~QTY*17*5*EA~CTT*1~SE*6*0007~GE*1*7~IEA*1*000000007~"
    )
    accept = {"accept": "application/edi-x12, application/json"}
    answer = await send(guarded, client, sent, other=accept)
    assert (answer.status_code, answer.headers["content-type"]) == (202, "application/edi-x12")
    assert b"ST*997*" in answer.content
    assert b"AK9*A*1*1*1~" in answer.content
    again = await send(guarded, client, sent, other=accept)
    assert again.content == answer.content
    plain = await send(guarded, client, sent)
    assert [one["duplicate"] for one in plain.json()["accepted"]] == [True]


async def test_a_source_that_signs_nothing_needs_a_token_and_no_page_can_send_for_it(
    guarded: Services, client: httpx.AsyncClient
) -> None:
    await put(guarded, {"name": "till", "format": "csv"})
    bearer = {"authorization": f"Bearer {TOKEN}"}
    for headers, status in (
        ({"content-type": "text/csv"}, 401),
        ({"content-type": "text/csv", **bearer}, 202),
        ({"content-type": "text/plain", **bearer}, 400),
        (bearer, 400),
    ):
        answer = await client.post("/ingest/till", content=STOCK, headers=headers)
        assert answer.status_code == status
    (kept,) = await deliveries(guarded)
    assert kept.received.sender_id is None


async def test_deliveries_are_forgotten_when_they_are_old_and_their_ids_are_not(
    guarded: Services, client: httpx.AsyncClient, database_url: str
) -> None:
    await send(guarded, client)
    await execute(database_url, "update delivery set received_at = now() - interval '31 days'")
    assert await guarded.source_deliveries.forget(timedelta(days=30)) == 1
    again = await send(guarded, client)
    assert [one["duplicate"] for one in again.json()["accepted"]] == [True, True]
