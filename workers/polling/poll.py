"""Asking a source once, and taking in what it has."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import structlog

from hub.bootstrap import Services
from hub.domain.errors import HubError, InvalidInput, SnapshotInProgress, Unavailable
from hub.domain.fetching import Fetch, Taken
from hub.domain.polling import Polled, PollOutcome, PollState
from hub.domain.sources import Source, StoredSource
from hub.store.source_polls import Due
from workers.formats.reading import printable
from workers.formats.registry import FORMATS
from workers.polling.fetching import Fetcher, passed, within
from workers.polling.file_places import DONE, REFUSED, REPLIES, FilePlace, Listed
from workers.polling.left_folders import poll_folder
from workers.polling.secrets import Secrets
from workers.polling.tally import Tally
from workers.polling.unpacking import FetchFailed, TookTooLong, Unreadable
from workers.sources.files import rehearse_file, take_file
from workers.sources.report import RehearsalReport
from workers.sources.wholes import Progress

MAX_PROBLEM_LENGTH: Final = 500
MAX_TOO_LONG: Final = 3
"""Files of one poll that take too long; by then it is the server that hangs."""
_DIGEST_SHOWN: Final = 12

log = structlog.get_logger()


class Polls:
    """Asks sources, and takes in what they have."""

    def __init__(self, services: Services, secrets: Secrets) -> None:
        self._services = services
        self._fetcher = Fetcher(services, secrets)
        self._secrets = secrets
        self._health = services.source_health

    async def poll(self, stored: StoredSource, due: Due, progress: Progress) -> Polled:
        """Ask a source, and take in what it has: all of it, or what is left to be fetched comes the
        next time. Raises `Unavailable`, and then it is to be done again."""
        source, fetch = stored.source, _fetch_of(stored.source)
        state = due.state.asking(f"{fetch.kind} {fetch.place}", stored.version)
        try:
            self._services.sources.check(source)
            polled = await (self._files if fetch.is_files else self._answer)(
                source, fetch, state, progress
            )
        except Unavailable:
            raise
        except SnapshotInProgress as error:
            # Another process takes it in, and tells how the source does.
            return Polled(PollOutcome.PUT_OFF, due.state, problem=self._short(error.message))
        except FetchFailed as error:
            problem = self._short(str(error))
            await self._health.failed(source.name, problem, error.retry_after)
            failed = PollOutcome.FAILED
            return Polled(failed, state, problem=problem, retry_after=error.retry_after)
        except HubError as error:
            polled = Polled(PollOutcome.REFUSED, state, problem=self._short(error.message))
        except Exception as error:
            # What nobody has thought of must not end the chain of polls.
            log.exception("polling.unexpected", source=source.name)
            problem = f"an unexpected {type(error).__name__}, which the log tells more of"
            polled = Polled(PollOutcome.FAILED, state, problem=problem)
        await self._tell(source.name, fetch, polled)
        return polled

    async def _tell(self, name: str, fetch: Fetch, polled: Polled) -> None:
        """Tell how the source does. Of what a snapshot says those tell who take it in."""
        is_snapshot = bool(polled.report.get("snapshots"))
        if polled.problem is not None and (fetch.is_files or not is_snapshot):
            await self._health.failed(name, polled.problem)
        elif is_snapshot:
            return
        elif polled.outcome is PollOutcome.TAKEN or not fetch.is_files:
            await self._health.heard(name)
        else:
            # A place of files that has none says nothing of stock.
            await self._health.answered(name)

    def _short(self, problem: str) -> str:
        """What is kept of a problem, for people."""
        return printable(self._secrets.hidden(problem))[:MAX_PROBLEM_LENGTH]

    async def rehearse(
        self, stored: StoredSource, state: PollState, progress: Progress
    ) -> AsyncIterator[RehearsalReport]:
        """What would become of all that a source has, one file after the other; nothing is done.
        Raises `InvalidInput`, and `FetchFailed`."""
        source, fetch = stored.source, _fetch_of(stored.source)
        self._services.sources.check(source)
        format = FORMATS[source.format]
        with poll_folder() as folder:
            if not fetch.is_files:
                fresh = PollState(state.key, cursor=state.cursor)
                fetched = await self._fetcher.answer(fetch, format, fresh, Path(folder))
                assert fetched is not None
                yield await rehearse_file(
                    self._services, source, fetched.format, fetched.path, progress, fetched.arrival
                )
                return
            async with self._fetcher.place(fetch) as place:
                for listed in await self._fetcher.files(fetch, place, state):
                    file = await self._fetcher.file(fetch, place, listed, Path(folder))
                    if file is not None:
                        yield await rehearse_file(
                            self._services, source, format, file.path, progress
                        )

    async def _answer(
        self, source: Source, fetch: Fetch, state: PollState, progress: Progress
    ) -> Polled:
        with poll_folder() as folder:
            format = FORMATS[source.format]
            fetched = await self._fetcher.answer(fetch, format, state, Path(folder))
            if fetched is None:
                return Polled(PollOutcome.UNCHANGED, state.answered(changed=False))
            tally = Tally()
            tally.take(
                await take_file(
                    self._services, source, fetched.format, fetched.path, progress, fetched.arrival
                )
            )
        following = fetched.state._replace(whole=not tally.refused)
        if tally.refused:
            # Read again the next time: what is refused now may be known by then.
            following = following._replace(etag=None, last_modified=None)
        outcome = PollOutcome.TAKEN if tally.changed else PollOutcome.UNCHANGED
        problem = None
        if tally.refused and not tally.mapped:
            outcome, problem = PollOutcome.REFUSED, f"all {tally.refused} rows were refused"
        return Polled(outcome, following.answered(tally.changed), tally.as_dict(), problem)

    async def _files(
        self, source: Source, fetch: Fetch, state: PollState, progress: Progress
    ) -> Polled:
        tally, left, too_long = Tally(), list[str](), 0
        with poll_folder() as folder:
            async with self._fetcher.place(fetch) as place:
                for listed in await self._fetcher.files(fetch, place, state):
                    try:
                        done = await self._file(
                            source, fetch, place, listed, Path(folder), tally, progress
                        )
                    except FetchFailed as error:
                        too_long += isinstance(error, TookTooLong)
                        if too_long == MAX_TOO_LONG:
                            raise
                        left.append(str(error))
                        done = False
                    if fetch.files.taken is Taken.MOVE:
                        continue
                    if not done:
                        break
                    state = passed(state, listed)
        outcome = PollOutcome.TAKEN if tally.files else PollOutcome.UNCHANGED
        if left or tally.problems:
            outcome = PollOutcome.FAILED if left else PollOutcome.REFUSED
        problem = self._short("; ".join(left + tally.problems)) or None
        report = tally.as_dict() if tally.files or tally.problems else {}
        return Polled(outcome, state.answered(tally.changed), report, problem)

    async def _file(
        self,
        source: Source,
        fetch: Fetch,
        place: FilePlace,
        listed: Listed,
        folder: Path,
        tally: Tally,
        progress: Progress,
    ) -> bool:
        """Take in one file; whether it is done with. Taken in but not moved, it is taken in again,
        which changes nothing."""
        target, name = DONE, listed.name
        try:
            file = await self._fetcher.file(fetch, place, listed, folder)
            if file is None:
                return False
            name = f"{file.digest[:_DIGEST_SHOWN]}-{listed.name}"
            try:
                format = FORMATS[source.format]
                report = await take_file(self._services, source, format, file.path, progress)
            except HubError:
                raise
            except Exception as error:
                # What nobody has thought of must not keep the other files waiting.
                log.exception("polling.unexpected", source=source.name, file=listed.name)
                problem = f"{listed.name} met an unexpected {type(error).__name__}, see the log"
                raise FetchFailed(problem) from None
            finally:
                file.path.unlink()
            tally.take(report)
            if report.replies and fetch.files.replies:
                reply = b"".join(one.content for one in report.replies)
                await within(fetch, place.put(REPLIES, f"{name}.reply", reply))
        except Unreadable as error:
            target = REFUSED
            tally.refuse(listed.name, str(error))
        except InvalidInput as error:
            target = REFUSED
            tally.refuse(listed.name, error.message)
        if fetch.files.taken is Taken.MOVE:
            await within(fetch, place.move(listed.name, target, name))
        return True


def _fetch_of(source: Source) -> Fetch:
    if source.fetch is None:
        problem = f"{source.name} has none, so there is nothing to ask"
        raise InvalidInput(field="fetch", problem=problem)
    return source.fetch
