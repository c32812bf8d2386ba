"""Requests that mean harm, as bytes on the wire."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

ITEM = '{ item(sku: "MUG-S") { ...f0 } }'
RESERVE = "mutation ($input: ReserveInput!) { reserve(input: $input) { __typename } }"
AVAILABILITY = "query ($skus: [ID!]!) { availability(skus: $skus) { sku } }"
FILTERED = "query ($filter: ItemFilter) { items(first: 1, filter: $filter) { totalCount } }"


class Hostile(NamedTuple):
    """One request, and what it is."""

    name: str
    head: str
    body: bytes

    def bytes(self) -> bytes:
        """All of it."""
        return self.head.encode() + b"\r\n\r\n" + self.body


def hostile_requests(attempt: int) -> Iterator[Hostile]:
    """The corpus. Each document in it is sent once: whatever a server remembers of the documents of
    other requests and attempts, it has to read this one."""
    for name, body in _bodies(attempt):
        yield _posted(name, body)
    for name, text, variables in hostile_documents(attempt, "p"):
        yield _posted(name, _body(text, variables))
    for name, text, variables in hostile_documents(attempt, "s"):
        if variables is None:
            streamed = ("Content-Type: application/json", "Accept: text/event-stream")
            yield _posted(f"{name}, streamed", _body(text), *streamed)
    yield from _heads(attempt)


def hostile_documents(attempt: int, transport: str) -> Iterator[tuple[str, str, Any]]:
    """Names, texts and variables of documents, for any transport; each text is one of its own."""
    documents = [*((name, text, None) for name, text in _documents()), *_variables()]
    for number, (name, text, variables) in enumerate(documents):
        yield name, f"{text}\n#{attempt}{transport}{number}", variables


def _posted(name: str, body: bytes, *headers: str) -> Hostile:
    lines = [
        "POST /graphql HTTP/1.1",
        "Host: hub",
        "Connection: close",
        f"Content-Length: {len(body)}",
        *(headers or ("Content-Type: application/json",)),
    ]
    return Hostile(name, "\r\n".join(lines), body)


def _body(text: str, variables: Any = None, **more: Any) -> bytes:
    return json.dumps({"query": text, "variables": variables, **more}).encode()


def _bodies(attempt: int) -> Iterator[tuple[str, bytes]]:
    """What is no proper request."""
    yield "brackets", b"[" * 100_000
    yield "braces", b'{"a":' * 20_000
    yield "brackets in variables", b'{"query": "{a}", "variables": ' + b"[" * 100_000
    yield "closed brackets", b'{"query": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    yield "no UTF-8", b'{"query": "\xff\xfe\xfd"}'
    yield "half a character", b'{"query": "{ a }\xe2\x82"}'
    yield "UTF-16", '{"query": "{ channels { id } }"}'.encode("utf-16")
    yield "zero bytes", b"\0" * 100_000
    for odd in ("NaN", "Infinity", "-Infinity", "1e999", "0x10", "01", "-", "truth"):
        yield odd, f'{{"query": "{{a}}", "variables": {{"a": {odd}}}}}'.encode()
    yield "a number of 100,000 digits", b'{"query": "{a}", "variables": ' + b"9" * 100_000 + b"}"
    yield "lone surrogates", b'{"query": "{ channels(\\ud800: 1) { id } }"}'
    yield "a lone surrogate in a name", b'{"query": "{a}", "operationName": "\\udfff"}'
    yield "duplicate keys", b'{"query": "{ channels { id } }", "query": "{", "query": 7}'
    yield "many keys", b"{" + b",".join(b'"k%d":1' % n for n in range(9_000)) + b"}"
    yield "a batch", b"[" + b",".join([b'{"query": "{ channels { id } }"}'] * 2_000) + b"]"
    yield "a batch of one", b'[{"query": "{ channels { id } }"}]'
    yield "130 KiB", b'{"query": "' + b" " * 133_120 + b'"}'
    yield "130 KiB of nothing", b" " * 133_120
    yield (
        "an unknown operation",
        _body(f"{{ channels {{ id }} }} #{attempt}", operationName="nobody"),
    )
    yield (
        "a name of 50,000",
        _body(f"{{ channels {{ id }} }} #n{attempt}", operationName="n" * 50_000),
    )
    yield (
        "many operations",
        _body(" ".join(f"query q{n} {{ channels {{ id }} }}" for n in range(90)) + f"#{attempt}"),
    )
    yield "an odd id", _body("{a}", documentId={"sha256": ["0"]})
    yield "a long id", json.dumps({"documentId": "sha256:" + "0" * 100_000}).encode()
    yield "a long hash", _body("{a}", extensions={"persistedQuery": {"sha256Hash": "f" * 99_999}})
    yield "deep extensions", b'{"query": "{a}", "extensions": ' + b'{"a":' * 30_000


def _documents() -> Iterator[tuple[str, str]]:
    """Documents that are to take long."""
    yield "20,000 aliases", "{" + " ".join(f"a{n}: __typename" for n in range(20_000)) + "}"
    yield "aliases within the length", "{" + " ".join(f"a{n}:__typename" for n in range(330)) + "}"
    yield "a million directives", "{ channels { id " + "@a " * 40_000 + "} }"
    yield "directives within the length", "{ channels { id " + "@skip(if:false) " * 160 + "} }"
    yield "repeated directives", "{ channels " + "@include(if:true)" * 19 + "{ id } }"
    yield "deep fields", "{ a " * 5_000
    yield "deep fields, closed", "{a" * 400 + "}" * 400
    yield "deep variants", "{item(sku:1)" + "{variants" * 300 + "{sku}" + "}" * 301
    yield "a deep list", "{ availability(skus: " + "[" * 480 + "]" * 480 + ") { sku } }"
    yield "a deep object", "{ items(filter: " + "{a:" * 320 + "1" + "}" * 320 + ") { totalCount } }"
    yield "a deep type", "query ($a: " + "[" * 490 + "Int" + "]" * 490 + ") { channels { id } }"
    yield "a long name", "{ " + "n" * 14_990 + " }"
    yield "a long string", '{ item(sku: "' + "x" * 14_900 + '") { sku } }'
    yield "an unterminated string", '{ item(sku: "' + "x" * 14_900
    yield "block strings", "{ " + '"""' * 4_000
    yield "escapes", '{ item(sku: "' + "\\u0041" * 2_400 + '") { sku } }'
    yield "a huge number", "{ items(first: " + "9" * 14_000 + ") { totalCount } }"
    yield "a huge number for a list", "{ availability(skus: " + "9" * 14_000 + ") { sku } }"
    yield "a huge exponent", "{ items(first: 1e" + "9" * 4_000 + ") { totalCount } }"
    yield "comments", "#" * 14_000 + "\n{ channels { id } }"
    yield "commas", "{ channels { id" + "," * 14_000 + " } }"
    yield "byte order marks", "\ufeff" * 14_000 + "{ channels { id } }"
    yield from _fragments()
    yield from _selections()


def _fragments() -> Iterator[tuple[str, str]]:
    """Fragments that lead to much."""
    yield (
        "circular fragments",
        ITEM
        + (
            " fragment f0 on Item { variants { ...f1 } } fragment f1 on Item { variants { ...f0 } }"
        ),
    )
    yield "a fragment in itself", ITEM + " fragment f0 on Item { sku ...f0 }"
    chained = "".join(f"fragment f{n} on Item{{...f{n + 1} ...f{n + 1}}}" for n in range(40))
    yield "2^40 fields", ITEM + chained + "fragment f40 on Item{sku}"
    nowhere = "".join(f"fragment f{n} on Query{{...f{n + 1} ...f{n + 1}}}" for n in range(90))
    yield "2^90 spreads of nothing", "{...f0}" + nowhere
    nested = "".join(f"fragment f{n} on Item{{variants{{...f{n + 1}}}}}" for n in range(40))
    yield "deep fragments", ITEM + nested + "fragment f40 on Item{sku}"
    crossed = "".join(
        f"fragment f{n} on Item{{variants{{{' '.join(f'...f{m}' for m in range(14))}}}}}"
        for n in range(14)
    )
    yield "fragments that all lead to each other", ITEM + crossed
    unused = "".join(f"fragment f{n} on Item{{sku name}}" for n in range(110))
    yield "unused fragments", "{ channels { id } }" + unused
    yield "unknown fragments", "{ channels { " + "...nobody " * 480 + "} }"


def _selections() -> Iterator[tuple[str, str]]:
    """Selections that are much to check, and operations that are much to do."""
    yield "overlapping fields", "{ " + "channels { id } " * 240 + "}"
    deep = "channels{locations{id name}locations{id name}locations{id}}"
    yield "overlapping fields in each other", "{" + deep * 60 + "}"
    spreads = "".join(f"...f{n} " for n in range(60))
    bodies = "".join(f"fragment f{n} on Item{{a:sku b:name}}" for n in range(60))
    yield "overlapping fragments", f'{{item(sku:"A"){{{spreads}}}}}{bodies}'
    yield "conflicting fields", "{" + "".join(f'item(sku:"{n}"){{sku}}' for n in range(90)) + "}"
    yield "unknown fields", "{ " + " ".join(f"nobody{n}" for n in range(480)) + " }"
    yield (
        "unknown arguments",
        "{ channels(" + " ".join(f"n{n}: 1" for n in range(320)) + ") { id } }",
    )
    types = "{ __schema { types { fields { type" + " { ofType" * 6 + " { name" + " }" * 11
    yield "introspection", types
    yield "introspection of introspection", "{ __schema { types { " + "fields { type { " * 40
    ring = "fields { type { " * 7 + "name" + " } }" * 7
    yield "a ring of types", '{ __type(name: "Item") { ' + ring + " } }"
    yield "variables", "query(" + " ".join(f"$v{n}: Int" for n in range(240)) + "){channels{id}}"
    yield "the same variable", "query(" + "$v: Int " * 240 + "){channels{id}}"
    yield (
        "six mutations",
        "mutation {"
        + "".join(
            f'm{n}: releaseReservation(input: {{id: "{n}"}}) {{ __typename }} ' for n in range(6)
        )
        + "}",
    )
    yield "a costly page", "{ items(first: 100000000) { edges { node { sku } } } }"
    yield (
        "costly pages",
        "{ items(first: 100) { edges { node { variants { variants { sku } } } } } }",
    )
    yield "a subscription by POST", 'subscription { availability(skus: ["A"]) { kind } }'
    yield "a schema", "type Query { a: Int } " * 150
    yield "nothing but a fragment", "fragment f on Item { sku }"


def _variables() -> Iterator[tuple[str, str, Any]]:
    """Variables that are to take long."""
    deep: Any = []
    for _ in range(400):
        deep = [deep]
    nested: Any = {}
    for _ in range(400):
        nested = {"filter": nested}
    yield "a deep list in variables", AVAILABILITY, {"skus": deep}
    yield "a deep object in variables", FILTERED, {"filter": nested}
    yield "20,000 skus", AVAILABILITY, {"skus": ["A"] * 20_000}
    yield "251 skus", AVAILABILITY, {"skus": [f"A{n}" for n in range(251)]}
    yield "skus of all types", AVAILABILITY, {"skus": [None, {}, [], 1.5, True] * 4_000}
    yield "a sku of 100,000", AVAILABILITY, {"skus": ["A" * 100_000]}
    yield "a sku of control characters", AVAILABILITY, {"skus": ["\0\n\r\u2028"]}
    yield "a filter of 100,000", FILTERED, {"filter": {"text": "%_\\" * 30_000}}
    yield "unknown keys", FILTERED, {"filter": {f"k{n}": n for n in range(8_000)}}
    yield "unknown variables", FILTERED, {f"k{n}": n for n in range(8_000)}
    yield (
        "2,000 lines",
        RESERVE,
        {
            "input": {"lines": [{"sku": "A", "quantity": 1}] * 2_000},
        },
    )
    yield "wrong lines", RESERVE, {"input": {"lines": [{"sku": {}, "quantity": []}] * 2_000}}
    for quantity in (10**400, -(10**30), "9" * 50_000, "1e999999999", "NaN", "-0", 2**63):
        yield (
            f"a quantity of {str(quantity)[:12]}",
            RESERVE,
            {
                "input": {"lines": [{"sku": "MUG-S", "quantity": quantity}]},
            },
        )
    yield "a huge page", "query ($n: Int!) { items(first: $n) { totalCount } }", {"n": 2**31 - 1}
    yield (
        "a page beyond all",
        "query ($n: Int!) { items(first: $n) { totalCount } }",
        {"n": 10**300},
    )


def _heads(attempt: int) -> Iterator[Hostile]:
    """What is odd before the body."""
    mutation = f'mutation {{ releaseReservation(input: {{id: "x"}}) {{ __typename }} }} #{attempt}'
    for name, query in (
        ("a mutation by GET", urlencode({"query": mutation})),
        (
            "a subscription by GET",
            urlencode({"query": f'subscription {{ reservation(id: "x") {{ id }} }} #{attempt}'}),
        ),
        ("brackets by GET", "query={a}&variables=" + quote("[" * 10_000)),
        ("no UTF-8 by GET", "query=%ff%fe%7b"),
        ("surrogates by GET", "query=%ed%a0%80"),
        ("NaN by GET", "query={a}&variables=" + quote('{"a": NaN}')),
        ("many parameters", "&".join(f"query={n}" for n in range(4_000))),
        ("an odd id by GET", "documentId=" + "sha256:" * 2_000),
        ("odd extensions by GET", "extensions=" + quote('{"persistedQuery": [1]}')),
        ("nothing by GET", ""),
    ):
        head = f"GET /graphql?{query} HTTP/1.1\r\nHost: hub\r\nConnection: close"
        yield Hostile(name, head, b"")
    form = _body(f"{{ channels {{ id }} }} #f{attempt}")
    for content_type in ("text/plain", "multipart/form-data; boundary=x", "a/" + "b" * 5_000, "é"):
        yield _posted(f"the type {content_type[:24]}", form, f"Content-Type: {content_type}")
    yield _posted("no type", form, "X-Nothing: 1")
    odd = ("Content-Type: application/json", "Accept: " + ", ".join(["*/*;q=0.1"] * 3_000))
    yield _posted("a long Accept", form, *odd)
    for accept in ("text/event-stream", "multipart/mixed"):
        yield _posted(
            f"brackets for {accept}",
            b"[" * 100_000,
            "Content-Type: application/json",
            f"Accept: {accept}",
        )
