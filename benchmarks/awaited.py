"""So many messages, which are waited for."""

import asyncio
from typing import Final

from benchmarks.lean_http import UnexpectedAnswer

ROUND_SECONDS: Final = 30.0


class Awaited:
    """Messages that all members of a crowd together are to get."""

    def __init__(self) -> None:
        self._left = 0
        self._all_heard = asyncio.Event()

    def expect(self, messages: int) -> None:
        """Wait for so many from here on."""
        self._left = messages
        self._all_heard.clear()

    def note(self) -> None:
        """One came."""
        self._left -= 1
        if self._left == 0:
            self._all_heard.set()

    async def heard(self) -> None:
        """Once they have come; raises `UnexpectedAnswer` where they do not."""
        try:
            async with asyncio.timeout(ROUND_SECONDS):
                await self._all_heard.wait()
        except TimeoutError:
            raise UnexpectedAnswer(f"{self._left} messages did not come") from None
