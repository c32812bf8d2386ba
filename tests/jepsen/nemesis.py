"""Whoever kills processes: any of them, while it starts and while it works."""

import asyncio
from random import Random

from tests.jepsen.cluster import Cluster, Node

BETWEEN_KILLS_SECONDS = (0.3, 2.7)
DEAD_SECONDS = (0.0, 0.6)
BOTH_SERVERS_SHARE = 0.15
AIM_LOOKS = 500
AIM_PAUSE_SECONDS = 0.001
AIMED_AT_REQUESTS = 4
HIT_SECONDS = (0.0, 0.012)


class Nemesis:
    """Kills one process after the other and starts each again after a while."""

    def __init__(self, cluster: Cluster, rng: Random) -> None:
        self._cluster = cluster
        self._rng = rng

    async def run(self, stop: asyncio.Event) -> None:
        """Go on until `stop` is set; what is dead then is started again."""
        async with asyncio.TaskGroup() as reviving:
            while not stop.is_set():
                await asyncio.sleep(self._rng.uniform(*BETWEEN_KILLS_SECONDS))
                if victims := self._victims():
                    victim = self._rng.choice(victims)
                    if victim.serves:
                        await self._aim(victim)
                    self._cluster.kill(victim)
                    reviving.create_task(self._revive(victim))

    def _victims(self) -> list[Node]:
        """Who may be killed now: mostly one server is left, so that work goes on to be disturbed,
        but now and then nobody is."""
        running = [node for node in self._cluster.nodes if node.running]
        serving = [node for node in running if node.serves and node.ready]
        if len(serving) > 1 or self._rng.random() < BOTH_SERVERS_SHARE:
            return running
        return [node for node in running if node not in serving]

    async def _aim(self, victim: Node) -> None:
        """Wait for a moment at which requests are under way: most kills would hit nothing, as a
        request takes milliseconds. Then any instant of their way is as good as another."""
        for _ in range(AIM_LOOKS):
            if victim.in_flight >= AIMED_AT_REQUESTS:
                break
            await asyncio.sleep(AIM_PAUSE_SECONDS)
        await asyncio.sleep(self._rng.uniform(*HIT_SECONDS))

    async def _revive(self, victim: Node) -> None:
        await asyncio.sleep(self._rng.uniform(*DEAD_SECONDS))
        self._cluster.start(victim)
