"""GraphQL over HTTP: formats, limits, and what malformed requests get."""

import asyncio
import hashlib
import json
from typing import Any

import structlog

from hub.domain.principal import AccessScope
from hub.settings import AccessToken, Settings
from tests.integration.graphql.conftest import Served, serving

JSON = {"content-type": "application/json"}
DRAFT = "application/graphql-response+json"
ASK = "{ locations { id } }"
LOCATIONS = {"locations": [{"id": "AMS"}, {"id": "BER"}]}
ANSWER = {"data": LOCATIONS, "extensions": {"cost": {"points": 10, "limit": 1000}}}


async def test_the_format_of_the_draft_is_given_to_those_who_ask(served: Served) -> None:
    for accept, expected in (
        (DRAFT, DRAFT),
        (f"{DRAFT}, application/json;q=0.9", DRAFT),
        (f"application/json, {DRAFT};q=0.5", "application/json"),
        (f"{DRAFT};q=0", "application/json"),
        (f"{DRAFT};q=nonsense", "application/json"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
    ):
        response = await served.http.post(
            "/graphql", json={"query": ASK}, headers={"accept": accept}
        )
        assert response.status_code == 200
        assert response.headers["content-type"].split(";")[0] == expected, accept
        assert response.json() == ANSWER


async def test_a_request_that_cannot_be_executed_is_400_in_the_format_of_the_draft(
    served: Served,
) -> None:
    requests: list[dict[str, Any]] = [
        {"query": "{"},
        {"query": "{ nope }"},
        {"query": "query ($id: ID!) { reservation(id: $id) { id } }", "variables": {}},
        {"query": "query a { locations { id } } query b { locations { id } }"},
    ]
    for request in requests:
        draft = await served.http.post("/graphql", json=request, headers={"accept": DRAFT})
        assert draft.status_code == 400
        assert set(draft.json()) == {"errors"}
        plain = await served.http.post("/graphql", json=request)
        assert plain.status_code == 200
        assert plain.json() == {"data": None, **draft.json()}


async def test_an_error_of_a_field_keeps_its_200(served: Served) -> None:
    request = {"query": '{ availability(skus: ["NOPE"]) { sku } }'}
    response = await served.http.post("/graphql", json=request, headers={"accept": DRAFT})
    assert response.status_code == 200
    assert response.json()["data"] is None


async def test_malformed_requests_get_a_reason_and_never_a_500(served: Served) -> None:
    bodies: list[tuple[bytes, int]] = [
        (b"", 400),
        (b"{", 400),
        (b"null", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"7", 400),
        (b"NaN", 400),
        (b"\xff\xfe\x00", 400),
        (b"[" * 100_000, 400),
        (b'{"query": "{ locations { id } }", "variables": {"a": NaN}}', 400),
        (b'{"query": "{ locations { id } }", "variables": ' + b"[" * 50_000, 400),
        (b'{"query": "\\ud800"}', 400),
        (b'[{"query": "{ locations { id } }"}]', 400),
        (b"{}", 400),
        (b'{"query": null}', 400),
        (b'{"query": 7}', 400),
        (b'{"query": ""}', 400),
        (b'{"query": "{ locations { id } }", "variables": []}', 400),
        (b'{"query": "{ locations { id } }", "variables": "x"}', 400),
        (b'{"query": "{ locations { id } }", "extensions": 7}', 400),
        (b'{"query": "{ locations { id } }", "operationName": []}', 400),
        (b'{"query": "{ locations { id } }", "operationName": "nope"}', 400),
    ]
    for body, status in bodies:
        response = await served.http.post("/graphql", content=body, headers=JSON)
        assert response.status_code == status, body[:60]
        (error,) = response.json()["errors"]
        assert error["message"]


async def test_a_body_beyond_the_limit_says_which_limit(database_url: str) -> None:
    settings = Settings(database_url=database_url, max_body_bytes=100_000, max_bulk_body_bytes=1)
    async with serving(settings) as served:
        response = await served.http.post("/graphql", content=b" " * 100_001, headers=JSON)
    assert response.status_code == 413
    assert response.json()["errors"] == [
        {
            "message": "The body in bytes is limited to 100000, this has 100001.",
            "extensions": {"code": "LIMIT_EXCEEDED"},
        }
    ]


async def test_a_body_without_a_length_is_read_only_to_the_limit(served: Served) -> None:
    host, port = served.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    answer = asyncio.create_task(reader.read())
    sent = 0
    while not answer.done() and sent < 50_000_000:
        writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        sent += 0x10000
        await asyncio.sleep(0.001)
    head, _, body = (await answer).partition(b"\r\n\r\n")
    writer.close()
    assert b" 413 " in head.splitlines()[0]
    assert json.loads(body)["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED"}
    assert sent < 5_000_000


async def test_only_json_is_read(served: Served) -> None:
    body = json.dumps({"query": ASK})
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        response = await served.http.post(
            "/graphql", content=body, headers={"content-type": content_type}
        )
        assert response.status_code == 415, content_type
    for content_type in ("application/json; charset=utf-8", "Application/JSON"):
        for accept in ("application/json", "text/event-stream"):
            headers = {"content-type": content_type, "accept": accept}
            response = await served.http.post("/graphql", content=body, headers=headers)
            assert response.status_code == 200, headers
            assert '"AMS"' in response.text


async def test_queries_may_be_asked_by_get_and_mutations_may_not(served: Served) -> None:
    response = await served.http.get("/graphql", params={"query": ASK})
    assert response.json() == ANSWER
    mutation = 'mutation { releaseReservation(input: {id: "x"}) { __typename } }'
    for params in ({"query": mutation}, {}, {"query": ASK, "variables": "["}):
        response = await served.http.get("/graphql", params=params)
        assert response.status_code == 400, params
        assert response.json()["errors"][0]["message"]


async def test_other_methods_are_not_allowed(served: Served) -> None:
    response = await served.http.put("/graphql", json={"query": ASK})
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_a_browser_that_looks_gets_a_reason_and_no_editor(served: Served) -> None:
    response = await served.http.get("/graphql", headers={"accept": "text/html"})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"


async def test_a_document_beyond_the_limits_says_which_limit(served: Served) -> None:
    error = await served.refused(
        "{" + "item(sku: 1) { variants " * 1 + "{ variants " * 8 + "{ sku }" + "}" * 10
    )
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    error = await served.refused("{ locations { id } } #" + "x" * 15_000)
    assert error["extensions"]["limit"] == 15_000


async def test_without_development_the_schema_is_not_told(database_url: str) -> None:
    async with serving(Settings(database_url=database_url)) as served:
        answer = await served.post("{ __schema { queryType { name } } }")
        assert "introspection" in answer["errors"][0]["message"]
        answer = await served.post("{ location { id } }")
        assert "Did you mean" not in answer["errors"][0]["message"]


async def test_what_nobody_foresaw_is_masked(served: Served, monkeypatch: Any) -> None:
    async def broken(*_: Any) -> Any:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("hub.services.catalogue.Catalogue.locations", broken)
    error = await served.refused(ASK)
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["reference"] in error["message"]
    assert "hunter2" not in json.dumps(error)


async def test_a_defect_of_the_door_itself_is_masked_and_logged(
    served: Served, monkeypatch: Any
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("hub.web.graphql.operation_in", broken)
    with structlog.testing.capture_logs() as logs:
        answer = await served.http.post("/graphql", json={"query": ASK})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL")
    assert "hunter2" not in answer.text
    assert [entry["event"] for entry in logs] == ["web.unexpected"]


async def test_an_address_with_a_slash_too_many_is_redirected(served: Served) -> None:
    answer = await served.http.post("/graphql/", json={"query": ASK})
    assert (answer.status_code, answer.headers["location"]) == (
        307,
        f"http://{served.address}/graphql",
    )


async def test_a_request_needs_a_token_where_there_are_tokens(database_url: str) -> None:
    digest = hashlib.sha256(b"letmein").hexdigest()
    reader = AccessToken(name="reader", scopes=frozenset({AccessScope.AVAILABILITY_READ}))
    settings = Settings(database_url=database_url, access_tokens={digest: reader})
    async with serving(settings) as served:
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "letmein"}):
            response = await served.http.post("/graphql", json={"query": ASK}, headers=headers)
            assert response.status_code == 401
            assert response.headers["www-authenticate"] == "Bearer"
            assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        served.http.headers["authorization"] = "Bearer letmein"
        assert await served.ask(ASK) == LOCATIONS
        for field in (
            'releaseReservation(input: {id: "x"}) { __typename }',
            'setStock(input: {sku: "A", location: "B", onHand: 1}) { __typename }',
        ):
            error = await served.refused("mutation {" + field + "}")
            assert error["extensions"]["code"] == "FORBIDDEN"
