"""Keeps the other side of a sales channel current: what has changed is pushed, a batch at a time.

One process pushes to a target, and it does one thing after the other: nothing that is older can
overtake what is newer. It may be killed at any point. What was sent and not yet noted is sent
again, under the same key, or is found to be there already.
"""

import asyncio
import hashlib
import random
from typing import Final
from uuid import UUID

import orjson
import structlog

from hub.bootstrap import Services
from hub.domain.channel_targets import HttpTarget, ShopifyTarget, settings_digest
from hub.domain.errors import HubError, Unavailable
from hub.observability import metrics
from hub.services.event_consumer import Manner
from hub.store.channel_reconciliation import read_status
from hub.store.channel_sync import (
    PendingPush,
    begin_target,
    forget_answers,
    note_problem,
    note_settings,
    read_due,
    read_pushes,
    read_settings,
    record_answer,
    try_refused_again,
)
from hub.store.event_consumers import Overtaken
from workers.channels.other_side import OtherSide, OtherSideAway, OtherSideRefuses, Written
from workers.channels.reconciliation import Reconciliation
from workers.holding import held
from workers.stopping import run_until

IDLE_SECONDS: Final = 0.25
STAND_BACK_SECONDS: Final = 2.0
"""Another process pushes to the target; it is looked after this long whether it still does."""
RETRY_SECONDS: Final = 1.0
MAX_RETRY_SECONDS: Final = 300.0
_NOT_UNDERSTOOD: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""Their answer has another shape than it should have."""
TELL_SECONDS: Final = 30.0
"""How often the metrics are told how a target stands."""

log = structlog.get_logger()


class TargetSync:
    """Pushes to one target."""

    def __init__(
        self,
        services: Services,
        name: str,
        target: ShopifyTarget | HttpTarget,
        side: OtherSide,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._database = services.database
        self._sync = services.channel_sync
        self._name = name
        self._settings = settings_digest(target)
        self._grace_seconds = target.grace_seconds
        self._side = side
        self._consumer = services.event_consumer(f"channel:{name}", Manner.EVERYTHING)
        self._reconciliation = Reconciliation(services, name, target, side)
        self._retry_seconds = retry_seconds
        self._failures = self._list_failures = 0
        self._list_after = 0.0
        self._list_problem: str | None = None
        self._problem: str | None = ""
        self._told_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Push until `stop` is set; survives the database and the other side going away."""
        try:
            await run_until(stop, self._work(), f"channel {self._name}")
        finally:
            await self._let_go()
            await self._side.aclose()

    async def step(self) -> float:
        """Do what is next; after how many seconds there may be more to do."""
        is_last = await self._sync.follow(self._name, self._consumer)
        if is_last is None:
            # Or there is none any more: the database was put back.
            await self._begin_consumer()
            return STAND_BACK_SECONDS
        async with held(self._consumer):
            worked = await self._sync.ask(self._name) > 0
            worked = await self._push() or worked
            worked = await self._compare() or worked
        await self._note(self._list_problem)
        self._failures = 0
        return 0.0 if worked or not is_last else IDLE_SECONDS

    async def _work(self) -> None:
        begun = False
        while True:
            try:
                if not begun:
                    await self._begin()
                    begun = True
                pause = await self.step()
                await self._tell()
            except Unavailable:
                log.warning("channel.database_away", target=self._name)
                pause = RETRY_SECONDS
            except Overtaken:
                pause = STAND_BACK_SECONDS
            except (OtherSideAway, OtherSideRefuses, HubError, *_NOT_UNDERSTOOD) as error:
                self._failures += 1
                pause = self._wait_after(error, self._failures)
                await self._note_failure(str(error))
            await asyncio.sleep(pause)

    async def _begin(self) -> None:
        if await read_settings(self._database, self._name) != self._settings:
            await self._consumer.forget()
            await forget_answers(self._database, self._name)
        await self._begin_consumer()
        # Last, so that whoever dies on the way does it again.
        await note_settings(self._database, self._name, self._settings)
        await try_refused_again(self._database, self._name)

    async def _begin_consumer(self) -> None:
        await begin_target(self._database, self._name)
        await self._consumer.begin()

    async def _push(self) -> bool:
        """Push what is due, at most one batch; whether there was any."""
        pushes = await read_due(self._database, self._name, self._side.batch_items)
        if not pushes:
            return False
        key = self._key(pushes, await read_pushes(self._database, self._name))
        written = await self._side.write(pushes, key)
        await self._take_in(written)
        return True

    async def _compare(self) -> bool:
        """Compare the next page of what they list; whether there was one. What they have no list
        for can be pushed all the same."""
        now = asyncio.get_running_loop().time()
        if now < self._list_after:
            return False
        try:
            worked = await self._reconciliation.step()
        except (OtherSideAway, OtherSideRefuses, *_NOT_UNDERSTOOD) as error:
            self._list_failures += 1
            self._list_after = now + self._wait_after(error, self._list_failures)
            self._list_problem = f"comparing: {error}"
            return False
        self._list_failures, self._list_problem = 0, None
        return worked

    async def _take_in(self, written: Written) -> None:
        await record_answer(
            self._database,
            self._name,
            said=written.said,
            refused=written.refused,
            moved=written.moved,
            grace_seconds=self._grace_seconds,
        )
        metrics.channel_pushed.labels(self._name).inc(len(written.said))
        for sku, code in written.refused.items():
            log.warning("channel.refused", target=self._name, sku=sku, code=code)

    def _key(self, pushes: list[PendingPush], number: int) -> str:
        """The idempotency key of a request: the same as long as no answer to it was taken in."""
        content = orjson.dumps([self._name, number, *map(tuple, pushes)])
        return str(UUID(bytes=hashlib.sha256(content).digest()[:16], version=4))

    def _wait_after(self, error: Exception, failures: int) -> float:
        """How many seconds to wait after a failure, which is so many in a row."""
        metrics.channel_failures.labels(self._name).inc()
        wait = min(self._retry_seconds * 2.0 ** min(failures - 1, 16), MAX_RETRY_SECONDS)
        wait *= random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
        match error:
            case OtherSideAway():
                wait = max(wait, error.after_seconds)
            case OtherSideRefuses() | HubError():
                wait = MAX_RETRY_SECONDS
            case _:
                log.error("channel.not_understood", target=self._name, exc_info=error)
                wait = max(wait, RETRY_SECONDS)
        log.warning("channel.failed", target=self._name, problem=str(error), again_after=wait)
        return wait

    async def _note_failure(self, problem: str) -> None:
        try:
            await self._note(problem)
        except Unavailable:
            log.warning("channel.database_away", target=self._name)

    async def _note(self, problem: str | None) -> None:
        if problem != self._problem:
            await note_problem(self._database, self._name, problem)
            self._problem = problem

    async def _tell(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._told_at and now - self._told_at < TELL_SECONDS:
            return
        self._told_at = now
        for status in await read_status(self._database, [self._name]):
            for state in ("pending", "refused", "unknown_there", "drifted"):
                metrics.channel_items.labels(self._name, state).set(getattr(status, state))

    async def _let_go(self) -> None:
        try:
            await self._consumer.let_go()
        except Unavailable:
            log.warning("channel.database_away", target=self._name)
