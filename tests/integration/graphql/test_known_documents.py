"""Documents go by their hash: those of manifests, and those that clients register."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from hub.settings import Settings
from hub.web.graphql_api import BrokenManifest, documents_in
from tests.integration.graphql.conftest import Served, serving

STOREFRONT = Path(__file__).parents[3] / "frontend-demo" / "src" / "gql"
MANIFEST = STOREFRONT / "persisted-documents.json"
LOCATIONS = "{ locations { id } }"
ANSWER = {"locations": [{"id": "AMS"}, {"id": "BER"}]}
WATCH = 'subscription { availability(skus: ["MUG-S"]) { availability { sku } } }'


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _by_hash(text: str, **more: Any) -> dict[str, Any]:
    persisted = {"version": 1, "sha256Hash": _sha256(text)}
    return {"extensions": {"persistedQuery": persisted}, **more}


def _manifest(folder: Path, *texts: str) -> Path:
    path = folder / "manifest.json"
    path.write_text(json.dumps({f"sha256:{_sha256(text)}": text for text in texts}))
    return path


def _code(answer: dict[str, Any]) -> str:
    (error,) = answer["errors"]
    return str(error["extensions"]["code"])


async def _post(served: Served, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    response = await served.http.post("/graphql", json=body, headers=headers)
    return dict(response.json())


async def test_a_document_of_a_manifest_goes_by_its_id(database_url: str, tmp_path: Path) -> None:
    settings = Settings(
        database_url=database_url,
        trusted_documents=(_manifest(tmp_path, LOCATIONS, WATCH),),
        max_persisted_queries=0,
    )
    async with serving(settings) as served:
        ids = (f"sha256:{_sha256(LOCATIONS)}", _sha256(LOCATIONS))
        for body in ({"documentId": ids[0]}, {"documentId": ids[1]}, _by_hash(LOCATIONS)):
            assert (await _post(served, body))["data"] == ANSWER
            params = {
                name: value if isinstance(value, str) else json.dumps(value)
                for name, value in body.items()
            }
            response = await served.http.get("/graphql", params=params)
            assert response.json()["data"] == ANSWER
        stream = {"accept": "text/event-stream"}
        response = await served.http.post("/graphql", json={"documentId": ids[0]}, headers=stream)
        assert '"AMS"' in response.text
        async with served.socket() as socket:
            await socket.begin()
            for number, payload in enumerate(
                (
                    {"documentId": f"sha256:{_sha256(WATCH)}"},
                    _by_hash(WATCH),
                    _by_hash(WATCH, query=""),
                    _by_hash(WATCH, query=WATCH),
                    {"documentId": f"sha256:{_sha256(WATCH)}", "query": None},
                    _by_hash(WATCH, query=None, documentId=None),
                )
            ):
                id = str(number)
                await socket.send({"type": "subscribe", "id": id, "payload": payload})
                data = await socket.data(id)
                assert data["availability"]["availability"] == [{"sku": "MUG-S"}]
                await socket.send({"type": "complete", "id": id})


async def test_ids_that_nobody_knows_and_ids_that_are_none_are_told_apart(served: Served) -> None:
    unknown = _sha256("{ channels { id } }")
    for body, code in (
        ({"documentId": f"sha256:{unknown}"}, "UNKNOWN_DOCUMENT"),
        ({"documentId": "sha256:abc"}, "INVALID_INPUT"),
        ({"documentId": unknown.upper()}, "INVALID_INPUT"),
        ({"documentId": 7}, "INVALID_INPUT"),
        ({"documentId": unknown, "query": LOCATIONS}, "INVALID_INPUT"),
        (_by_hash(LOCATIONS, documentId=unknown), "INVALID_INPUT"),
        ({"extensions": {"persistedQuery": 7}}, "INVALID_INPUT"),
        ({"extensions": {"persistedQuery": {"version": 2}}}, "INVALID_INPUT"),
        ({"extensions": {"persistedQuery": {"version": 1}}}, "INVALID_INPUT"),
        ({"query": LOCATIONS, "extensions": {"persistedQuery": {}}}, "INVALID_INPUT"),
        (_by_hash("{ channels { id } }"), "PERSISTED_QUERY_NOT_FOUND"),
        ({**_by_hash(LOCATIONS), "query": "{ channels { id } }"}, "PERSISTED_QUERY_MISMATCH"),
        ({**_by_hash(LOCATIONS), "query": "{ \ud800 }"}, None),
    ):
        content = json.dumps(body)
        response = await served.http.post(
            "/graphql", content=content, headers={"content-type": "application/json"}
        )
        assert response.status_code in (200, 400)
        if code is not None:
            assert _code(response.json()) == code, body
        async with served.socket() as socket:
            await socket.begin()
            await socket.connection.send(
                json.dumps({"type": "subscribe", "id": "1", "payload": body})
            )
            if code is not None:
                message = await socket.receive()
                assert message["type"] == "error"
                assert message["payload"][0]["extensions"]["code"] == code, body


async def test_a_document_that_is_registered_goes_by_its_hash_afterwards(served: Served) -> None:
    first = await _post(served, _by_hash(LOCATIONS))
    assert first["errors"][0]["message"] == "PersistedQueryNotFound"
    assert _code(first) == "PERSISTED_QUERY_NOT_FOUND"
    assert (await _post(served, _by_hash(LOCATIONS, query=LOCATIONS)))["data"] == ANSWER
    assert (await _post(served, _by_hash(LOCATIONS)))["data"] == ANSWER
    extensions = json.dumps(_by_hash(LOCATIONS)["extensions"])
    response = await served.http.get("/graphql", params={"extensions": extensions})
    assert response.json()["data"] == ANSWER
    other = await _post(served, _by_hash(LOCATIONS, query="{ channels { id } }"))
    assert _code(other) == "PERSISTED_QUERY_MISMATCH"
    assert (await _post(served, _by_hash(LOCATIONS)))["data"] == ANSWER


async def test_as_many_are_registered_as_are_allowed(database_url: str) -> None:
    texts = [f"{{ locations {{ id }} channels {{ {name} }} }}" for name in ("id", "name", "locale")]
    async with serving(Settings(database_url=database_url, max_persisted_queries=2)) as served:
        for text in texts[:2]:
            await _post(served, _by_hash(text, query=text))
        assert "data" in await _post(served, _by_hash(texts[0]))
        await _post(served, _by_hash(texts[2], query=texts[2]))
        assert _code(await _post(served, _by_hash(texts[1]))) == "PERSISTED_QUERY_NOT_FOUND"
        for text in (texts[0], texts[2]):
            assert (await _post(served, _by_hash(text)))["data"] is not None


async def test_a_mutation_is_never_done_by_get_however_it_is_named(served: Served) -> None:
    text = 'mutation { releaseReservation(input: {id: "x"}) { __typename } }'
    await _post(served, _by_hash(text, query=text))
    extensions = json.dumps(_by_hash(text)["extensions"])
    response = await served.http.get("/graphql", params={"extensions": extensions})
    assert response.status_code == 400
    assert response.headers["cache-control"] == "no-store"
    assert "mutation" in response.json()["errors"][0]["message"].lower()


async def test_the_only_mode_takes_what_the_storefront_sends_and_nothing_else(
    database_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        database_url=database_url,
        trusted_documents=(MANIFEST, _manifest(tmp_path, LOCATIONS)),
        trusted_documents_only=True,
        frontend_dir=tmp_path,
    )
    async with serving(settings) as served:
        await _work_as_the_storefront_does(served)
        # It is the document that is trusted, whichever way it is told.
        assert (await _post(served, {"query": LOCATIONS}))["data"] == ANSWER
        stranger = "{ channels { id } }"
        for body, code in (
            ({"query": stranger}, "UNTRUSTED_DOCUMENT"),
            ({"query": "{"}, "UNTRUSTED_DOCUMENT"),
            (_by_hash(stranger, query=stranger), "UNTRUSTED_DOCUMENT"),
            (_by_hash(stranger), "UNKNOWN_DOCUMENT"),
            ({"documentId": _sha256(stranger)}, "UNKNOWN_DOCUMENT"),
        ):
            for accept in ("application/json", "application/graphql-response+json"):
                assert _code(await _post(served, body, accept=accept)) == code, body
            for accept in ("text/event-stream", 'multipart/mixed;subscriptionSpec="1.0"'):
                response = await served.http.post("/graphql", json=body, headers={"accept": accept})
                assert code in response.text
            params = {name: json.dumps(value) for name, value in body.items()}
            if "query" in body:
                params["query"] = str(body["query"])
            if "documentId" in body:
                params["documentId"] = str(body["documentId"])
            response = await served.http.get("/graphql", params=params)
            assert _code(response.json()) == code, params
            async with served.socket() as socket:
                await socket.begin()
                await socket.send({"type": "subscribe", "id": "1", "payload": body})
                message = await socket.receive()
                assert message["payload"][0]["extensions"]["code"] == code


async def _work_as_the_storefront_does(served: Served) -> None:
    documents = json.loads(MANIFEST.read_text())
    line = {"sku": "MUG-S", "quantity": 1}
    asked: dict[str, dict[str, Any]] = {
        "query Places": {},
        "query Items": {"first": 24, "scope": {"channel": "web"}},
        "query Item(": {"sku": "MUG-S", "scope": {"channel": "web"}},
        "mutation Reserve": {"input": {"lines": [line]}},
    }
    for beginning, variables in asked.items():
        (id,) = (id for id, text in documents.items() if beginning in text)
        answer = await _post(
            served,
            {
                "variables": variables,
                "extensions": {
                    "persistedQuery": {"version": 1, "sha256Hash": id.removeprefix("sha256:")}
                },
            },
        )
        assert "errors" not in answer, answer
        assert answer["data"]
    async with served.socket() as socket:
        await socket.begin()
        for beginning in ("subscription StockLines", "subscription StockDetails"):
            (id,) = (id for id, text in documents.items() if beginning in text)
            named = {"version": 1, "sha256Hash": id.removeprefix("sha256:")}
            payload = {
                "query": "",
                "variables": {"skus": ["MUG-S"], "scope": {"channel": "web"}},
                "extensions": {"persistedQuery": named},
            }
            await socket.send({"type": "subscribe", "id": id, "payload": payload})
            assert (await socket.data(id))["availability"]["kind"] == "SNAPSHOT"


def test_manifests_of_other_tools_are_read(tmp_path: Path) -> None:
    plain, apollo = tmp_path / "relay.json", tmp_path / "apollo.json"
    plain.write_text(json.dumps({_sha256(LOCATIONS): LOCATIONS}))
    operation = {"id": _sha256(WATCH), "name": "", "type": "subscription", "body": WATCH}
    apollo.write_text(
        json.dumps(
            {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]}
        )
    )
    assert documents_in([plain, apollo]) == {
        _sha256(LOCATIONS): LOCATIONS,
        _sha256(WATCH): WATCH,
    }


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read"),
        ("[]", "is no manifest"),
        ("{", "is no manifest"),
        ('{"format": "apollo-persisted-query-manifest"}', "is no manifest"),
        (json.dumps({_sha256(LOCATIONS): WATCH}), "is not the SHA-256 of"),
        (json.dumps({"5f4dcc3b5aa765d61d8327deb882cf99": LOCATIONS}), "is not the SHA-256 of"),
        (json.dumps({_sha256(LOCATIONS): {"text": LOCATIONS}}), "has no document"),
    ],
)
def test_a_broken_manifest_is_named_before_anything_is_served(
    tmp_path: Path, content: str | None, problem: str
) -> None:
    path = tmp_path / "manifest.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BrokenManifest, match=problem) as caught:
        documents_in([path])
    assert str(path) in str(caught.value)


def test_manifests_are_named_with_commas_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUB_TRUSTED_DOCUMENTS", "shop.json,app.json")
    assert Settings().trusted_documents == (Path("shop.json"), Path("app.json"))
    (tmp_path / "hub.toml").write_text('trusted_documents = ["one.json"]')
    monkeypatch.delenv("HUB_TRUSTED_DOCUMENTS")
    assert Settings().trusted_documents == (Path("one.json"),)
