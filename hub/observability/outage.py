"""What is lost and found again: said once, however often it is tried meanwhile."""

import time

import structlog

log = structlog.get_logger()


class Outage:
    """One thing that may be away, such as a connection."""

    def __init__(self, of: str) -> None:
        """The log calls the two ends of an outage `of`.lost and `of`.back."""
        self._of = of
        self._since: float | None = None

    def begin(self, error: BaseException) -> None:
        """It is away, and may have been for a while."""
        if self._since is None:
            self._since = time.monotonic()
            # Some drivers say nothing of what happened in what they look like.
            log.warning(f"{self._of}.lost", error=f"{type(error).__name__}: {error}")

    def end(self) -> None:
        """It is there, and may have been all the time."""
        if self._since is not None:
            seconds = time.monotonic() - self._since
            self._since = None
            log.info(f"{self._of}.back", after_seconds=round(seconds, 1))
