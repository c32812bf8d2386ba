"""Sources that are tried over GraphQL: each row is told, and nothing is done."""

import base64
from typing import Any

import pytest

from tests.integration.graphql.conftest import Served

ACME = {"name": "acme", "format": "csv", "skus": {"case": "upper"}}
STOCK = "sku,location,on_hand\nmug-s,BER,9\nmug-m,BER,5\nnone,BER,1\nmug-l,BER,many\n"
TRIAL = """trial { read mapped ignored refused warnings unchanged positions before after
    refusedRows { line column code problem } warningRows { code }
    snapshot { state leftOut report { rail } } changes { sku location before after } }"""
REFUSAL = "... on InvalidInput { field } ... on SourceNotFound { name }"
NOTHING = """select (select count(*) from inbox) + (select count(*) from stock_snapshot)
    + (select count(*) from source) as n"""


async def tried(served: Served, **given: Any) -> Any:
    return await served.mutate("testSource", TRIAL, REFUSAL, **given)


async def test_each_row_is_told_and_nothing_is_done(served: Served) -> None:
    packed = base64.b64encode(STOCK.encode()).decode()
    for given in ({"content": STOCK}, {"contentBase64": packed}):
        trial = (await tried(served, configuration=ACME, **given))["trial"]
        assert [trial[name] for name in ("read", "mapped", "refused", "ignored")] == [4, 2, 2, 0]
        assert [(row["line"], row["code"]) for row in trial["refusedRows"]] == [
            (4, "UNKNOWN_SKU"),
            (5, "NOT_A_NUMBER"),
        ]
        assert (trial["positions"], trial["snapshot"]) == (1, None)
        assert trial["changes"] == [
            {"sku": "MUG-S", "location": "BER", "before": 5, "after": 9},
        ]

    # A snapshot tells whether it would be held back.
    whole = {**ACME, "options": {"snapshot": True}, "guard_rails": {"from_items": 1}}
    zeros = "sku,location,on_hand\nmug-s,BER,0\nmug-m,BER,0\n"
    trial = (await tried(served, configuration=whole, content=zeros))["trial"]
    assert trial["snapshot"]["state"] == "QUARANTINED"
    assert {"rail": "zeroed_share"} in trial["snapshot"]["report"]
    compared = {**whole, "guard_rails": {}, "reconciliation": {"every": "1d"}}
    trial = (await tried(served, configuration=compared, content=zeros))["trial"]
    assert trial["snapshot"]["state"] == "COMPARED"
    assert await served.services.database.fetch(NOTHING) == [{"n": 0}]


async def test_what_is_wrong_is_named(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"content": STOCK}, "name"),
        ({"name": "acme", "configuration": ACME, "content": STOCK}, "name"),
        ({"configuration": ACME}, "content"),
        ({"configuration": ACME, "contentBase64": "no base64!"}, "contentBase64"),
        ({"configuration": {**ACME, "format": "csw"}, "content": STOCK}, "format"),
    ]
    for given, field in wrong:
        refused = await tried(served, **given)
        assert (refused["code"], refused["field"]) == ("INVALID_INPUT", field)

    # One that is put is tried by its name.
    assert (await tried(served, name="acme", content=STOCK))["code"] == "SOURCE_NOT_FOUND"
    put = {"configuration": ACME}
    await served.mutate("putSource", "source { name }", **put)
    assert (await tried(served, name="acme", content=STOCK))["trial"]["mapped"] == 2
    monkeypatch.setattr("workers.sources.trials.MAX_TRIED_BYTES", 10)
    fields = '{name: "acme", content: "01234567890"}'
    document = f"mutation {{ testSource(input: {fields}) {{ __typename }} }}"
    assert (await served.refused(document))["extensions"]["code"] == "LIMIT_EXCEEDED"
