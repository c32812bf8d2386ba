"""What people do with dead letters: each takes effect once, and its history says who did what."""

import asyncio
from typing import Any

import pytest
from prometheus_client import REGISTRY

from hub.bootstrap import Services
from hub.domain.dead_letters import DeadLetter, LetterState, LetterStep, SoughtLetters
from hub.domain.errors import (
    DeadLetterNotFound,
    DeadLetterSettled,
    EventMismatch,
    Forbidden,
    HubError,
    IdempotencyMismatch,
    InvalidInput,
)
from hub.domain.principal import AccessScope, Principal
from hub.domain.values import UNIT
from hub.observability import metrics
from hub.services.catalogue import CatalogueItem
from hub.services.dead_letters import MAX_AT_ONCE, DeadLetters
from hub.services.intake import Acceptance
from tests.integration.events import about, adjusted, counted, event, inbox_states, placed, send
from tests.integration.ledger.blocking import locked
from tests.integration.shop import CLERK, broken_rules, count, execute, position
from tests.waiting import eventually
from workers.ingest import Ingest

OPERATOR = Principal("night-shift", frozenset({AccessScope.ADMIN, AccessScope.EVENTS_INGEST}))
ALL = SoughtLetters()


@pytest.fixture
def letters(services: Services) -> DeadLetters:
    return services.intake.letters


async def dead(services: Services, *events: dict[str, Any]) -> list[DeadLetter]:
    """The dead letters that events become, the newest first."""
    await send(services, *events)
    await Ingest(services).drain()
    return (await services.intake.letters.page(CLERK, ALL, 100, None)).nodes


async def put_missing_item(services: Services) -> None:
    await services.catalogue.put_items(CLERK, [CatalogueItem("NEW-1", "New")])


def steps(letter: DeadLetter | None) -> list[LetterStep]:
    assert letter is not None
    return [entry.step for entry in letter.history]


async def test_a_letter_that_is_put_back_takes_effect_and_tells_its_whole_life(
    services: Services, letters: DeadLetters
) -> None:
    (letter,) = await dead(services, counted(5, sku="NEW-1"))
    assert (letter.state, steps(letter)) == (LetterState.DEAD, [LetterStep.FAILED])
    await letters.requeue(OPERATOR, letter.id)
    await Ingest(services).drain()
    assert (await letters.by_id(CLERK, letter.id)) is not None
    await put_missing_item(services)

    await letters.requeue(OPERATOR, letter.id)
    await Ingest(services).drain()

    assert (await position(services, "NEW-1")).on_hand == 5 * UNIT
    found = await letters.by_id(CLERK, letter.id)
    assert found is not None
    assert (found.state, found.attempts, found.payload) == ("APPLIED", 3, letter.payload)
    told = [(one.step.value, one.actor, one.attempt, one.error_code) for one in found.history]
    assert told == [
        ("FAILED", "hub", 1, "UNKNOWN_SKU"),
        ("REQUEUED", "night-shift", None, None),
        ("FAILED", "hub", 2, "UNKNOWN_SKU"),
        ("REQUEUED", "night-shift", None, None),
        ("APPLIED", "hub", 3, None),
    ]
    times = [entry.at for entry in found.history]
    assert times == sorted(times)
    assert (await letters.page(CLERK, ALL, 10, None)).nodes == []
    assert await broken_rules(services) == {}


async def test_every_try_of_an_event_that_came_too_early_is_told(
    services: Services, letters: DeadLetters, database_url: str
) -> None:
    await send(services, about("O-1", "shipped", 1), about("O-1", "cancelled"))
    while (await Ingest(services).work_due()).worked:
        # Not waiting for the next try.
        await execute(database_url, "update inbox set not_before = now()")
    (second, first) = (await letters.page(CLERK, ALL, 10, None)).nodes
    early, failed, held = LetterStep.RETRIED, LetterStep.FAILED, LetterStep.HELD
    assert steps(first) == [early, early, early, failed]
    assert steps(second) == [held, held, held, failed]
    assert {entry.error_code for entry in first.history} == {"UNKNOWN_ORDER"}
    # Put back, it has all of its tries again: its order may still be under way.
    await letters.requeue(OPERATOR, first.id)
    await Ingest(services).work_due()
    await send(services, counted(5), placed("O-1", 1))
    await Ingest(services).drain()
    assert (await position(services)).on_hand == 4 * UNIT


async def test_two_who_press_at_once_put_it_back_once(
    services: Services, neighbour: Services
) -> None:
    (letter,) = await dead(services, adjusted(5, sku="NEW-1"))
    await put_missing_item(services)

    async def press(one: Services) -> object:
        try:
            return (await one.intake.letters.requeue(OPERATOR, letter.id)).state
        except HubError as refusal:
            return refusal

    answers = await asyncio.gather(*(press((services, neighbour)[n % 2]) for n in range(10)))
    await asyncio.gather(Ingest(services).drain(), Ingest(neighbour).drain())
    answers.append(await press(services))

    assert (await position(services, "NEW-1")).on_hand == 5 * UNIT
    assert sum(isinstance(one, LetterState) for one in answers) == 1
    assert answers[-1] == DeadLetterSettled(id=letter.id, state="APPLIED")


async def test_a_request_under_a_key_is_done_once(services: Services, letters: DeadLetters) -> None:
    (letter,) = await dead(services, adjusted(5, sku="NEW-1"))
    for _ in range(2):
        await letters.requeue(OPERATOR, letter.id, "k-1")
        await Ingest(services).drain()
    # The second time it was dead again, and was asked for under a key that had its answer.
    assert steps(await letters.by_id(CLERK, letter.id)).count(LetterStep.REQUEUED) == 1
    with pytest.raises(IdempotencyMismatch):
        await letters.discard(OPERATOR, letter.id, "why not", "k-1")


async def test_an_edited_event_is_worked_and_its_original_is_still_a_duplicate(
    services: Services, letters: DeadLetters
) -> None:
    wrong = counted(5, sku="A-11", id="count-1")
    (letter,) = await dead(services, wrong)
    right = counted(7, sku="A-1", id="count-1")

    edited = await letters.edit(OPERATOR, letter.id, right)
    await Ingest(services).drain()

    assert (edited.payload, edited.edited_payload) == (wrong, right)
    assert (await position(services)).on_hand == 7 * UNIT
    assert await send(services, wrong) == [Acceptance("count-1", duplicate=True)]
    with pytest.raises(EventMismatch):
        await send(services, right)
    found = await letters.by_id(CLERK, letter.id)
    assert steps(found) == [
        LetterStep.FAILED,
        LetterStep.EDITED,
        LetterStep.REQUEUED,
        LetterStep.APPLIED,
    ]
    assert found is not None
    assert found.history[1].payload == right


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "another"}, "payload.id"),
        ({"type": "stock.stolen"}, "payload.type"),
        ({"data": {"sku": "A-1", "location": "BER"}}, "payload.data.onHand"),
        ({"more": "\0"}, "payload"),
        ({"more": 10**30}, "payload"),
    ],
)
async def test_an_edit_must_be_an_event_that_can_be_worked(
    services: Services, letters: DeadLetters, change: dict[str, Any], field: str
) -> None:
    event = counted(5, sku="NONE", id="count-1")
    (letter,) = await dead(services, event)
    with pytest.raises(InvalidInput) as refused:
        await letters.edit(OPERATOR, letter.id, {**event, **change})
    assert refused.value.field == field
    assert steps(await letters.by_id(CLERK, letter.id)) == [LetterStep.FAILED]


async def test_what_is_discarded_is_never_worked_until_somebody_puts_it_back(
    services: Services, letters: DeadLetters
) -> None:
    (letter,) = await dead(services, counted(5, sku="NEW-1"))
    discarded = await letters.discard(OPERATOR, letter.id, "a test of theirs")
    await put_missing_item(services)
    await Ingest(services).drain()

    assert discarded.state == LetterState.DISCARDED
    assert discarded.history[-1].reason == "a test of theirs"
    assert (await letters.page(CLERK, ALL, 10, None)).nodes == []
    assert (await position(services, "NEW-1")).on_hand == 0
    with pytest.raises(DeadLetterSettled):
        await letters.discard(OPERATOR, letter.id, "once more")

    await letters.requeue(OPERATOR, letter.id)
    await Ingest(services).drain()
    assert (await position(services, "NEW-1")).on_hand == 5 * UNIT


async def test_letters_are_found_by_source_code_type_and_time(
    services: Services, letters: DeadLetters
) -> None:
    await services.intake.accept_events(CLERK, "till", [adjusted(1, sku="NONE", id="till-1")])
    found = await dead(
        services, counted(1, sku="NONE", id="no-sku"), event(
            "stock.set", id="no-place", sku="A-1", location="NOWHERE", onHand=1
        ),
    )  # fmt: skip
    newest = max(letter.failed_at for letter in found)

    async def ids(**sought: Any) -> list[str]:
        page = await letters.page(CLERK, SoughtLetters(**sought), 10, None)
        return [letter.event_id for letter in page.nodes]

    assert await ids() == ["no-place", "no-sku", "till-1"]
    assert await ids(source="till") == ["till-1"]
    assert await ids(error_code="UNKNOWN_LOCATION") == ["no-place"]
    assert await ids(type="stock.adjusted", source="shop") == []
    assert set(await ids(failed_from=newest)) <= {"no-place", "no-sku", "till-1"}
    assert await ids(failed_to=min(letter.failed_at for letter in found)) == []
    assert await letters.count_by_source() == {"till": 1, "shop": 2}


async def test_many_are_put_back_oldest_first_and_told_how_many_are_left(
    services: Services, letters: DeadLetters
) -> None:
    await dead(services, *(adjusted(1, sku="NEW-1", id=f"e-{n}") for n in range(5)))
    await dead(services, counted(1, sku="NONE", id="other"))
    await put_missing_item(services)
    sought = SoughtLetters(type="stock.adjusted")

    assert await letters.requeue_many(OPERATOR, sought, 3, "k-1") == (3, 2)
    assert await letters.requeue_many(OPERATOR, sought, 3, "k-1") == (3, 2)
    states = await inbox_states(services)
    assert [states[f"e-{n}"] for n in range(5)] == ["PENDING"] * 3 + ["DEAD"] * 2
    await Ingest(services).drain()
    assert await letters.requeue_many(OPERATOR, sought, 3) == (2, 0)
    await Ingest(services).drain()
    assert (await position(services, "NEW-1")).on_hand == 5 * UNIT

    assert await letters.discard_many(OPERATOR, ALL, 10, "all of it") == (1, 0)
    assert (await inbox_states(services))["other"] == "DISCARDED"


async def test_a_put_back_order_does_not_wait_for_another_worker_to_look(
    services: Services, letters: DeadLetters
) -> None:
    """Whoever is woken by new events is woken by what is put back, too."""
    (letter,) = await dead(services, counted(5, sku="NEW-1"))
    await put_missing_item(services)
    stop = asyncio.Event()
    worker = asyncio.create_task(Ingest(services).run(stop))
    await letters.requeue(OPERATOR, letter.id)
    await eventually(lambda: position(services, "NEW-1"), lambda now: now.on_hand == 5 * UNIT)
    stop.set()
    await worker


async def test_a_metric_tells_how_many_wait_of_each_source(
    services: Services, letters: DeadLetters
) -> None:
    def told(source: str) -> float | None:
        return REGISTRY.get_sample_value("hub_dead_letters", {"source": source})

    metrics.dead_letters.labels("old").set(3)
    await dead(services, counted(1, sku="NONE"), adjusted(1, sku="NONE"))
    stop = asyncio.Event()
    worker = asyncio.create_task(Ingest(services).run(stop))
    await eventually(lambda: told("shop") == 2)
    assert told("old") is None
    stop.set()
    await worker


async def test_it_tells_so_also_while_more_and_more_comes_in(
    services: Services, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.ingest.BATCH", 1)
    metrics.dead_letters.clear()
    await count(services, "A-1", 1)
    stop = asyncio.Event()
    async with locked(database_url):
        await send(services, counted(1, sku="NONE"), adjusted(1))
        worker = asyncio.create_task(Ingest(services).run(stop))
        told = {"source": "shop"}
        await eventually(lambda: REGISTRY.get_sample_value("hub_dead_letters", told) == 1)
        stop.set()
    await worker


async def test_who_may_not_does_nothing(services: Services, letters: DeadLetters) -> None:
    (letter,) = await dead(services, counted(5, sku="NEW-1"))
    sender = Principal("till", frozenset({AccessScope.EVENTS_INGEST}))
    stranger = Principal("page", frozenset({AccessScope.AVAILABILITY_READ}))
    for refused in (
        letters.requeue(sender, letter.id),
        letters.edit(sender, letter.id, letter.payload),
        letters.discard(sender, letter.id, "no"),
        letters.requeue_many(sender, ALL, 1),
        letters.discard_many(sender, ALL, 1, "no"),
        letters.page(stranger, ALL, 1, None),
        letters.by_id(stranger, letter.id),
    ):
        with pytest.raises(Forbidden):
            await refused
    assert steps(await letters.by_id(sender, letter.id)) == [LetterStep.FAILED]


async def test_what_is_no_dead_letter_is_none(services: Services, letters: DeadLetters) -> None:
    await dead(services, adjusted(1))
    rows = await services.database.fetch("select id::text as id from inbox")
    applied = rows[0]["id"]
    assert await letters.by_id(CLERK, applied) is None
    with pytest.raises(DeadLetterSettled):
        await letters.requeue(OPERATOR, applied)
    for id in ("", "0", "-1", "x", "9" * 30):
        assert await letters.by_id(CLERK, id) is None
        with pytest.raises(DeadLetterNotFound):
            await letters.requeue(OPERATOR, id)
    for most in (0, MAX_AT_ONCE + 1):
        with pytest.raises(InvalidInput) as wrong:
            await letters.requeue_many(OPERATOR, ALL, most)
        assert wrong.value.data["field"] == "most"
    with pytest.raises(InvalidInput):
        await letters.discard(OPERATOR, applied, "two\nlines")
    for odd in ("\0", "\ud800", ""):
        with pytest.raises(InvalidInput, match=r"filter\.source"):
            await letters.page(CLERK, SoughtLetters(source=odd), 10, None)
        with pytest.raises(InvalidInput, match=r"filter\.errorCode"):
            await letters.requeue_many(OPERATOR, SoughtLetters(error_code=odd), 10)
