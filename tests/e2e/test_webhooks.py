"""Webhooks told by two worker processes, of which one dies again and again."""

import asyncio
import itertools
import random
from pathlib import Path

import pytest

from hub.bootstrap import Services
from hub.domain.errors import InsufficientStock
from hub.domain.values import UNIT
from tests.e2e.processes import HubProcess, clean_environment
from tests.integration.receiver import Received, Receiver, Respond, never, receiving, status
from tests.integration.shop import CLERK, SKUS, availability, count, opened, reserve
from tests.integration.workers.partners import webhook_to
from tests.waiting import eventually

DEATHS = 6
WRITES_BETWEEN = 12
WITHIN_SECONDS = 60.0
"""A dead worker's place is taken after 10 seconds, and what it was sending is sent again after 11
more."""

pytestmark = pytest.mark.slow


class Workers:
    """Processes that run the jobs alone, each with a place that another takes when it dies."""

    def __init__(self, number: int, folder: Path, database_url: str) -> None:
        self._folder = folder
        self._environment = clean_environment(
            DATABASE_URL=database_url,
            HUB_WEBHOOK_PRIVATE_ADDRESSES="true",
            HUB_WEBHOOK_TIMEOUT_SECONDS="1",
        )
        self._running = [self._started() for _ in range(number)]

    def kill_one(self, place: int) -> None:
        """Let one crash, and start another."""
        self._running[place].kill()
        self._running[place] = self._started()

    def kill_all(self) -> None:
        """Let all of them crash."""
        for one in self._running:
            one.kill()

    def _started(self) -> HubProcess:
        return HubProcess("work", folder=self._folder, environment=self._environment)


async def some_writes(services: Services, dice: random.Random) -> list[str]:
    """Counts and holds at random; the reservations that were made."""
    made = []
    for _ in range(WRITES_BETWEEN):
        sku = dice.choice(SKUS)
        if dice.random() < 0.5:
            await count(services, sku, dice.randint(0, 50), dice.choice(["BER", "AMS"]))
            continue
        try:
            made.append((await reserve(services, {sku: dice.randint(1, 3)})).id)
            if dice.random() < 0.5:
                await services.reservations.release(CLERK, made[-1])
        except InsufficientStock:
            continue
        await asyncio.sleep(dice.random() / 20)
    return made


def grumbling(dice: random.Random) -> Respond:
    """Answers of a receiver that fails now and then."""

    async def respond(received: Received, writer: asyncio.StreamWriter) -> None:
        kind = dice.random()
        answer = status(500) if kind < 0.1 else never if kind < 0.12 else status(200)
        await answer(received, writer)

    return respond


async def knows_the_truth(services: Services, partner: Receiver, made: list[str]) -> None:
    """Wait until the newest word that a partner has of everything is what the ledger says."""
    truth: dict[tuple[str, str], object] = {}
    for channel, sku in itertools.product(("web", "store"), SKUS):
        answer = await availability(services, sku, channel, strong=True)
        truth[channel, sku] = answer.breakdown.available_to_order / UNIT
    for id, reservation in (await services.reservations.by_ids(CLERK, made)).items():
        truth["reservation", id] = reservation.state.value

    def known() -> dict[tuple[str, str], object]:
        # Of what has not changed nothing is told: there were ten of each in Berlin.
        newest: dict[tuple[str, str], tuple[int, object]] = dict.fromkeys(
            itertools.product(("web", "store"), SKUS), (-1, 10)
        )
        for event in partner.events:
            data = event["data"]
            if event["type"] == "availability.changed":
                key, told = (data["channel"], event["subject"]), data["quantity"]
            else:
                key, told = ("reservation", event["subject"]), data["state"]
            version = data["version"]
            if version >= newest.get(key, (-1, None))[0]:
                newest[key] = (version, told)
        return {key: told for key, (_, told) in newest.items()}

    await eventually(known, lambda told: told == truth, within_seconds=WITHIN_SECONDS)


async def test_a_partner_knows_the_truth_in_the_end_whoever_dies_meanwhile(
    shop_url: str, tmp_path: Path
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    dice = random.Random(seed)
    async with opened(shop_url, webhook_private_addresses=True) as services, receiving() as partner:
        await webhook_to(services, partner)
        partner.respond = grumbling(dice)
        made: list[str] = []
        workers = Workers(2, tmp_path, shop_url)
        try:
            await partner_is_told(services, partner)
            for death in range(DEATHS):
                made += await some_writes(services, dice)
                await asyncio.sleep(dice.random())
                workers.kill_one(death % 2)
            partner.respond = status(200)
            await knows_the_truth(services, partner, made)
        finally:
            workers.kill_all()
        bodies: dict[str, bytes] = {}
        for received in partner.received:
            # Each was signed, or it would not have been taken.
            assert received.event is not None
            assert bodies.setdefault(received.id, received.body) == received.body


async def partner_is_told(services: Services, partner: Receiver) -> None:
    """Wait until the workers are there."""
    await count(services, "A-1", 7)
    await partner.has(1, WITHIN_SECONDS)
