"""Files that are uploaded for a source: stored, taken in by a job, told row by row."""

import asyncio
import csv
import gzip
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from hub.bootstrap import Services
from hub.domain.principal import AccessScope
from hub.domain.sources import source_from
from hub.domain.values import UNIT
from hub.domain.webhook_signature import new_secret
from hub.settings import AccessToken
from hub.store.transactions import Transaction
from tests.asyncapi_checks import MESSAGES, faults_of, unknown_members
from tests.integration.receiver import receiving, status
from tests.integration.serving import served
from tests.integration.shop import CLERK, SKUS, execute, opened, position, put_shop
from tests.waiting import eventually
from workers.background import Background
from workers.ingest import Ingest
from workers.uploads import Uploads

NIGHTLY, OTHER, OPERATOR = "token-of-nightly", "token-of-other", "token-of-operator"
SCOPES = {
    NIGHTLY: {AccessScope.EVENTS_INGEST},
    OTHER: {AccessScope.EVENTS_INGEST},
    OPERATOR: {AccessScope.EVENTS_INGEST, AccessScope.ADMIN},
}
HEAD = b"sku;location;on_hand\n"
STOCK = HEAD + b"A-1;BER;5\nA-9;BER;1\nA-2;BER;many\nA-2;BER;7\nA-1;BER;5\n"
CSV = {"content-type": "text/csv"}
BUT_WARNINGS = "?status=APPLIED,SUPERSEDED,REFUSED"
HANDS = "select count(*) as n from inbox"


@pytest.fixture
async def hub(database_url: str) -> AsyncIterator[Services]:
    """A hub with tokens and two sources, one of which tells all it has."""
    tokens = {
        hashlib.sha256(token.encode()).hexdigest(): AccessToken(
            name=token, scopes=frozenset(scopes)
        )
        for token, scopes in SCOPES.items()
    }
    async with opened(
        database_url, access_tokens=tokens, webhook_private_addresses=True, max_upload_bytes=400_000
    ) as services:
        await put_shop(services)
        for plain in ({"name": "acme"}, {"name": "whole", "options": {"snapshot": True}}):
            await services.sources.put(CLERK, source_from({"format": "csv", **plain}))
        yield services


@pytest.fixture
async def client(hub: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with served(hub) as one:
        one.headers["authorization"] = f"Bearer {NIGHTLY}"
        yield one


@asynccontextmanager
async def working(services: Services) -> AsyncIterator[None]:
    """A process that works off jobs and the inbox."""
    stop = asyncio.Event()
    background = Background(services, Uploads(services).handlers)
    running = [
        asyncio.create_task(background.run(stop)),
        asyncio.create_task(Ingest(services).run(stop)),
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*running)


async def send(
    client: httpx.AsyncClient, body: bytes = STOCK, source: str = "acme", **headers: str
) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(f"/sources/{source}/uploads", content=body, headers={**CSV, **named})


async def ended(client: httpx.AsyncClient, place: str) -> dict[str, Any]:
    """The upload once it has ended."""

    async def look() -> dict[str, Any]:
        told: dict[str, Any] = (await client.get(place)).json()
        return told

    return await eventually(look, lambda told: told["finishedAt"] is not None, within_seconds=20)


async def rows(client: httpx.AsyncClient, place: str, query: str = "") -> list[dict[str, Any]]:
    answer = await client.get(f"{place}/rows{query}")
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_each_row_is_told_and_the_same_file_again_is_the_same_upload(
    hub: Services, client: httpx.AsyncClient
) -> None:
    sent = await send(client)
    assert (sent.status_code, sent.json()["state"]) == (202, "QUEUED")
    place = sent.headers["location"]
    async with working(hub):
        told = await ended(client, place)
    figures = ("state", "progress", "rows", "read", "accepted", "superseded", "refused")
    assert [told[name] for name in figures] == ["DONE", 1.0, 5, 5, 3, 1, 2]
    assert (await position(hub, "A-2")).on_hand == 7 * UNIT

    found = await rows(client, place)
    assert [(row["line"], row["status"], row["code"]) for row in found] == [
        (2, "APPLIED", None),
        (3, "REFUSED", "UNKNOWN_SKU"),
        (4, "REFUSED", "NOT_A_NUMBER"),
        (5, "APPLIED", None),
        (6, "SUPERSEDED", None),
    ]
    assert found[2]["column"] == "on_hand"
    assert "'many' is not a number" in found[2]["reason"]
    table = await client.get(f"{place}/rows?status=REFUSED", headers={"accept": "text/csv"})
    assert [row["line"] for row in csv.DictReader(table.text.splitlines())] == ["3", "4"]

    packed = await send(client, gzip.compress(STOCK), content_encoding="gzip")
    assert (packed.headers["location"], packed.json()["duplicate"]) == (place, True)
    left = "select (select count(*) from upload_piece) + (select count(*) from upload_content) as n"
    assert await hub.database.fetch(left) == [{"n": 0}]

    # An id of the sender's makes it another upload, and stands for one content.
    first = await send(client, idempotency_key="monday")
    assert (await send(client, idempotency_key="monday")).json()["id"] == first.json()["id"]
    assert (await send(client, idempotency_key="tuesday")).json()["id"] != first.json()["id"]
    other = await send(client, HEAD + b"A-1;BER;6\n", idempotency_key="monday")
    assert error(other) == (409, "IDEMPOTENCY_MISMATCH")


async def test_a_whole_is_judged_by_its_guard_rails(
    hub: Services, client: httpx.AsyncClient
) -> None:
    async with working(hub):
        full = HEAD + b"".join(b"%s;BER;5\n" % sku.encode() for sku in SKUS) + b"A-9;BER;1\n"
        place = (await send(client, full, "whole")).headers["location"]
        first = await ended(client, place)
        assert (first["state"], first["refused"], first["snapshot"]["applied"]) == ("DONE", 1, 4)
        await execute(hub.database.url, "update stock_snapshot set as_of = as_of + interval '9 d'")
        late = (await send(client, full.replace(b"5", b"6"), "whole")).headers["location"]
        second = await ended(client, late)
    assert second["snapshot"]["state"] == "QUARANTINED"
    assert second["snapshot"]["report"][0]["rail"] == "days_out_of_order"
    assert (await position(hub, "A-1")).on_hand == 5 * UNIT
    assert [row["code"] for row in await rows(client, place)] == ["UNKNOWN_SKU"]
    assert await rows(client, late) == []
    await hub.snapshots.resume((await hub.snapshots.approve(CLERK, second["snapshot"]["id"])).id)
    assert [row["line"] for row in await rows(client, late, "?status=REFUSED")] == [6]


async def test_other_settings_take_in_what_was_refused_and_nothing_twice(
    hub: Services, client: httpx.AsyncClient
) -> None:
    async with working(hub):
        place = (await send(client)).headers["location"]
        await ended(client, place)
        aliases = {"name": "acme", "format": "csv", "skus": {"aliases": {"A-9": "B-1"}}}
        await hub.sources.put(CLERK, source_from(aliases))
        assert (await send(client)).headers["location"] == place
        told = await ended(client, place)
    assert [told[name] for name in ("accepted", "duplicates", "refused")] == [1, 3, 1]
    assert (await position(hub, "B-1")).on_hand == UNIT

    # What can not be read has failed, and is tried again when it comes again.
    body = b"\x00\x01\x02"
    async with working(hub):
        place = (await send(client, body)).headers["location"]
        told = await ended(client, place)
        assert (told["state"], told["error"]["code"]) == ("FAILED", "INVALID_INPUT")
        again = await send(client, body)
        assert (again.headers["location"], again.json()["duplicate"]) == (place, False)
        assert (await ended(client, place))["state"] == "FAILED"


async def test_who_may_not_hears_so_and_sees_nothing_of_others(
    hub: Services, client: httpx.AsyncClient
) -> None:
    place = (await send(client)).headers["location"]
    other = {"authorization": f"Bearer {OTHER}"}
    operator = {"authorization": f"Bearer {OPERATOR}"}
    for address in (place, f"{place}/rows"):
        assert error(await client.get(address, headers=other)) == (404, "UPLOAD_NOT_FOUND")
        assert (await client.get(address, headers=operator)).status_code == 200
        assert (await client.get(address, headers={"authorization": ""})).status_code == 401
    elsewhere = place.replace("acme", "whole")
    assert error(await client.get(elsewhere)) == (404, "UPLOAD_NOT_FOUND")
    signing = {"kind": "api-key", "secrets": ["ACME_KEY"]}
    signed = {"name": "signs", "format": "csv", "signing": signing}
    await hub.sources.put(CLERK, source_from(signed))
    assert error(await send(client, source="signs")) == (403, "FORBIDDEN")
    allowed = await send(client, source="signs", authorization=f"Bearer {OPERATOR}")
    assert allowed.status_code == 202


def refused() -> list[tuple[bytes, dict[str, str], tuple[int, str]]]:
    """What is sent, under which headers, and how it is refused."""
    invalid, large = (400, "INVALID_INPUT"), (413, "LIMIT_EXCEEDED")
    packed, here = {"content_encoding": "gzip"}, {"callback_url": "http://127.0.0.1/"}
    return [
        (b"", {}, invalid),
        (STOCK, {"content_type": "text/plain"}, invalid),
        (STOCK, {"content_encoding": "br"}, invalid),
        (STOCK, packed, invalid),
        (gzip.compress(STOCK)[:-4], packed, invalid),
        (b"x" * 400_001, {}, large),
        (gzip.compress(bytes(20 << 20)), packed, large),
        (STOCK, here, invalid),
        (STOCK, {**here, "callback_secret": "short"}, invalid),
        (STOCK, {"callback_url": "ftp://127.0.0.1/", "callback_secret": new_secret()}, invalid),
        (STOCK, {"source": "nobody"}, (404, "SOURCE_NOT_FOUND")),
    ]


async def test_what_is_refused_leaves_nothing_behind(
    hub: Services, client: httpx.AsyncClient
) -> None:
    for body, headers, refusal in refused():
        assert error(await send(client, body, **headers)) == refusal, headers
    past = await client.post("/sources/acme/uploads?asof=now", content=STOCK, headers=CSV)
    assert error(past) == (400, "INVALID_INPUT")
    left = """select (select count(*) from upload) + (select count(*) from upload_content)
                     + (select count(*) from pgqueuer) as n"""
    assert await hub.database.fetch(left) == [{"n": 0}]


async def test_what_breaks_off_or_is_old_goes(hub: Services, client: httpx.AsyncClient) -> None:
    assert client.base_url.port is not None
    _, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
    head = f"authorization: Bearer {NIGHTLY}\r\ncontent-type: text/csv\r\nhost: hub"
    post = f"POST /sources/acme/uploads HTTP/1.1\r\n{head}\r\ncontent-length: 999\r\n\r\nsku"
    writer.write(post.encode())
    await writer.drain()
    content = "select count(*) as n from upload_content"
    await eventually(lambda: hub.database.fetch(content), lambda found: found == [{"n": 1}])
    writer.close()
    await eventually(lambda: hub.database.fetch(content), lambda found: found == [{"n": 0}])

    async with working(hub):
        place = (await send(client)).headers["location"]
        await ended(client, place)
    waiting = (await send(client, HEAD)).headers["location"]
    await execute(
        hub.database.url,
        "update upload set received_at = received_at - interval '31 days'",
        "insert into upload_content (begun_at) values (now() - interval '2 days')",
    )
    assert await hub.uploads.forget(timedelta(days=30)) == 2
    assert error(await client.get(place)) == (404, "UPLOAD_NOT_FOUND")
    assert (await client.get(waiting)).json()["state"] == "QUEUED"
    assert await hub.database.fetch("select count(*) as n from upload_row") == [{"n": 0}]


async def test_a_process_that_dies_in_the_middle_leaves_a_file_that_is_gone_on_with(
    hub: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.sources.pipeline._READINGS_PER_BATCH", 2)
    lines = b"".join(b"A-%d;BER;%d\n" % (1 + n % 2, n) for n in range(9)) + b"A-9;BER;1\n"
    place = (await send(client, HEAD + lines)).headers["location"]
    parts, jobs = 0, hub.upload_jobs
    note = jobs.note_part

    class Killed(BaseException):
        """What nothing in the hub catches, as little as it catches a kill."""

    async def dies(client: Transaction, *told: Any) -> None:
        nonlocal parts
        await note(client, *told)
        parts += 1
        if parts == 3:
            # Before the third is committed.
            raise Killed

    monkeypatch.setattr(jobs, "note_part", dies)
    with pytest.raises(Killed):
        await Uploads(hub).take_in(place.rpartition("/")[2].encode())
    told = (await client.get(place)).json()
    assert (told["state"], told["accepted"]) == ("RUNNING", 4)
    monkeypatch.undo()
    monkeypatch.setattr("workers.sources.pipeline._READINGS_PER_BATCH", 2)
    async with working(hub):
        told = await ended(client, place)
    assert [told[name] for name in ("read", "accepted", "duplicates", "refused")] == [10, 9, 0, 1]
    assert [row["line"] for row in await rows(client, place, BUT_WARNINGS)] == [*range(2, 12)]
    assert await hub.database.fetch(HANDS) == [{"n": 9}]


async def test_two_processes_at_one_upload_take_each_part_once(
    hub: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.sources.pipeline._READINGS_PER_BATCH", 1)
    monkeypatch.setattr("workers.uploads.RETRY_SECONDS", 0.01)
    lines = b"".join(b"A-%d;BER;%d\n" % (1 + n % 2, n) for n in range(8))
    place = (await send(client, HEAD + lines)).headers["location"]
    id = place.rpartition("/")[2].encode()
    stop = asyncio.Event()
    ingest = asyncio.create_task(Ingest(hub).run(stop))
    await asyncio.gather(*(Uploads(hub).take_in(id) for _ in range(2)))
    stop.set()
    await ingest
    told = (await client.get(place)).json()
    assert [told[name] for name in ("read", "accepted", "duplicates")] == [8, 8, 0]
    assert len(await rows(client, place, BUT_WARNINGS)) == 8


async def test_who_asks_to_be_told_of_the_end_is_told_by_a_signed_request(
    hub: Services, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.domain.webhooks._RETRIES", (timedelta(milliseconds=1),) * 9)
    async with receiving() as receiver, working(hub):
        receiver.secret = new_secret()
        receiver.next = [status(500)]
        sent = await send(client, callback_url=receiver.url, callback_secret=receiver.secret)
        failed, request = await receiver.has(2)
        assert failed.id == request.id
        assert request.event is not None
        assert request.event["type"] == "upload.finished"
        assert faults_of("upload.finished", request.event) == []
        assert unknown_members(MESSAGES["upload.finished"]["payload"], request.event) == []
        told = request.event["data"]
        assert (told["id"], told["accepted"], told["refused"]) == (sent.json()["id"], 3, 2)
        place = sent.headers["location"]

        async def state() -> str:
            return str((await client.get(place)).json()["callback"])

        await eventually(state, lambda one: one == "DELIVERED")
    secrets = await hub.database.fetch("select callback_secret from upload")
    assert secrets == [{"callback_secret": None}]
