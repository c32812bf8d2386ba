"""Answers that are kept with each item, against answers that are made anew from the ledger."""

import contextlib
import random
from typing import Any

import orjson
import pytest
from strawberry.schema.config import StrawberryConfig

from hub.bootstrap import services_on
from hub.domain.errors import HubError
from hub.domain.policies import Policy
from hub.domain.values import UNIT, Line
from hub.services.stock import Count
from hub.settings import Settings
from hub.store.database import ReadConnection
from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.refusals import returned_as_data
from resolvers.root import build, context_for
from schema.scalars import SCALARS
from tests.integration.graphql.conftest import GONE, LOOSE, MUGS, SEED, Served
from tests.ordinary import OrdinarySchema, RandomDocument

DOCUMENTS = 1_000
CHANGES_BY_ITSELF = frozenset({"asOf", "evidence"})
GIVEN = {
    "skus": (["MUG-S"], ["MUG-L", "TEA", "MUG-S"], ["OLD", "MUG-L", "MUG-L"], ["NONE", "TEA"], []),
    "scope": (None, {"channel": "web"}, {"channel": "store"}, {"channel": "none"}, {"holder": "x"}),
    "quantity": (1, 2, 2.5, "7", 0),
}
ANSWER = "query ($skus: [ID!]!, $locale: String) { availability(skus: $skus) { %s } }"
WORDS = ANSWER % "sku quantity message { text(locale: $locale) }"


async def _change_something(served: Served, dice: random.Random) -> None:
    services = served.services
    item = dice.choice([*MUGS, LOOSE, GONE])
    match dice.randrange(5):
        case 0:
            units = dice.randrange(12) * UNIT
            await services.stock.set_stock(
                SEED, Count(item.sku, dice.choice(["BER", "AMS"]), units)
            )
        case 1:
            safety = Policy(safety_stock=dice.randrange(4) * UNIT)
            await services.catalogue.put_policies(SEED, {("item", item.sku): safety})
        case 2:
            await services.catalogue.put_items(
                SEED, [item._replace(discontinued=dice.random() < 0.5)]
            )
        case 3:
            kit = {"MUG-L": [Line("MUG-S", 2 * UNIT)] if dice.random() < 0.5 else []}
            await services.catalogue.put_kits(SEED, kit)
        case _:
            wanted = [Line("MUG-S", UNIT)]
            held = await services.reservations.reserve(SEED, wanted, holder="somebody")
            if dice.random() < 0.5:
                await services.reservations.release(SEED, held.id)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
async def test_what_is_kept_answers_random_questions_as_the_ledger_does(
    served: Served, database_url: str
) -> None:
    api = build(development=True)
    ordinary = OrdinarySchema(
        query=Query,
        mutation=Mutation,
        config=StrawberryConfig(scalar_map=SCALARS),
        exception_handlers=returned_as_data(),
    )
    core = api._schema
    assert core.query_type is not None
    dice = random.Random(4)
    compared = tried = changed = 0
    async with services_on(
        Settings(database_url=database_url, max_cached_items=0), database_url
    ) as cold:
        for _ in range(DOCUMENTS):
            if dice.random() < 0.2:
                tried += 1
                # What is refused has changed nothing.
                with contextlib.suppress(HubError):
                    await _change_something(served, dice)
                    changed += 1
            asked = RandomDocument(core, dice, CHANGES_BY_ITSELF, GIVEN)
            text = asked.text("query", core.query_type, ["availability"] * dice.randint(1, 2))
            # Twice: what the first has made is kept for the second.
            for _ in range(2):
                mine = context_for(served.services, SEED)
                kept = await api.answer_kept(text, asked.variables, mine, None)
                if kept is None:
                    break
                data, errors = orjson.loads(
                    await ordinary.answer(text, asked.variables, context_for(cold, SEED))
                )
                assert not errors, text
                assert orjson.dumps(orjson.loads(kept)["data"]) == orjson.dumps(data), text
                compared += 1
    assert compared > DOCUMENTS / 4
    assert changed > tried / 2 > DOCUMENTS / 20


async def test_one_selection_is_kept_for_each_language(served: Served) -> None:
    for locale, words in (
        ("en", "Only 5 left"),
        ("de", "Nur noch 5 verfügbar"),
        (None, "Only 5 left"),
    ):
        for _ in range(2):
            data = await served.ask(WORDS, skus=["MUG-S"], locale=locale)
            assert data["availability"][0]["message"]["text"] == words


async def test_long_texts_of_callers_are_not_kept(served: Served) -> None:
    for n in range(3):
        locale = f"de-{n}" + "x" * 100
        data = await served.ask(WORDS, skus=["MUG-S"], locale=locale)
        assert data["availability"][0]["message"]["text"] == "Only 5 left"
    (plan,) = served.endpoint.schema._documents.prepare(WORDS).plans.values()
    assert plan._places
    assert not any(place._by_values for place in plan._places.values())


async def test_fields_of_one_query_share_what_has_to_be_read(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = 0
    records = ReadConnection.records

    async def counted(self: ReadConnection, *given: Any) -> Any:
        nonlocal statements
        statements += 1
        return await records(self, *given)

    monkeypatch.setattr(ReadConnection, "records", counted)
    fields = " ".join(f'a{n}: availability(skus: ["MANY-{n:02}"]) {{ sku }}' for n in range(15))
    answer = await served.ask("{" + fields + "}")
    assert answer == {f"a{n}": [{"sku": f"MANY-{n:02}"}] for n in range(15)}
    # The first begins at once, and the others wait together for the next.
    assert statements <= 2


async def test_what_nobody_foresaw_is_masked_there_too(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("hub.services.cached_item.availability_of", broken)
    error = await served.refused(WORDS, skus=["MUG-S"])
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["reference"] in error["message"]


async def test_who_writes_reads_what_he_has_written(served: Served) -> None:
    document = ANSWER.replace(", $locale: String", "") % "quantity version"
    version = 0
    for units in range(1, 30):
        await served.count("MUG-S", units)
        data = await served.ask(document, skus=["MUG-S"])
        (read,) = data["availability"]
        assert read["quantity"] == units
        assert read["version"] > version
        version = read["version"]


async def test_what_one_holds_oneself_is_told_to_nobody_else(served: Served) -> None:
    held = [{"sku": "MUG-S", "quantity": 4}]
    await served.mutate("reserve", "reservation { id }", lines=held, holder="ann")
    document = """query ($skus: [ID!]!, $scope: ScopeInput) {
        availability(skus: $skus, scope: $scope) { quantity } }"""
    for scope, units in (({"holder": "ann"}, 5), (None, 1), ({"holder": "ben"}, 1)):
        for _ in range(2):
            data = await served.ask(document, skus=["MUG-S"], scope=scope)
            assert data["availability"] == [{"quantity": units}]
