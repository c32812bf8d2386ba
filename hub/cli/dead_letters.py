"""`dead-letters`: events that could not be worked, and what to do with them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
import typer

from hub.cli.console import ExitCode, fail, people, print_figures, print_json, print_rows
from hub.cli.moments import FORMATS, moment, shown
from hub.cli.options import DataDir, Json, Most
from hub.cli.running import opened_services, run, settings_with
from hub.domain.dead_letters import DeadLetter, SoughtLetters
from hub.domain.errors import DeadLetterNotFound
from hub.domain.principal import Principal, trusted
from hub.services.dead_letters import MAX_AT_ONCE, DeadLetters, ManyDone

T = TypeVar("T")

dead_letters = typer.Typer(
    no_args_is_help=True, help="See to events that could not be worked: show, put back, end."
)
Id = Annotated[str, typer.Argument(help="The id that `list` shows.")]
ManyIds = Annotated[
    list[str] | None, typer.Argument(help="Ids that `list` shows; else those that options name.")
]
Source = Annotated[str | None, typer.Option(help="Only of this sender.")]
Code = Annotated[str | None, typer.Option(help="Only with this error code, like UNKNOWN_SKU.")]
Type = Annotated[str | None, typer.Option(help="Only of this type, like order.placed.")]
From = Annotated[
    datetime | None,
    typer.Option("--from", formats=FORMATS, metavar="<time>", help="Failed from then on."),
]
To = Annotated[
    datetime | None,
    typer.Option("--to", formats=FORMATS, metavar="<time>", help="Failed before then."),
]
All = Annotated[bool, typer.Option("--all", help="Where no option names any: all of them.")]
MostDone = Annotated[
    int, typer.Option("--most", min=1, max=MAX_AT_ONCE, help="How many at most, oldest first.")
]
Reason = Annotated[str, typer.Option(help="Why, for whoever looks at it later.")]

_PRINCIPAL = trusted("cli")


@dead_letters.command("list")
def list_letters(
    source: Source = None,
    code: Code = None,
    type: Type = None,
    failed_from: From = None,
    failed_to: To = None,
    most: Most = 50,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List dead letters, the newest first. Ends with 1 if there is one.

    Example: availability-hub dead-letters list --source erp --code UNKNOWN_SKU
    """
    sought = SoughtLetters(source, code, type, moment(failed_from), moment(failed_to))

    async def asked(letters: DeadLetters) -> list[DeadLetter]:
        return (await letters.page(_PRINCIPAL, sought, most, None)).nodes

    letters = _run(asked, data_dir, max_page=most)
    found = [_as_dict(letter) for letter in letters]
    if json:
        print_json({"deadLetters": found})
    elif found:
        rows = [
            {**told, "failedAt": shown(letter.failed_at)}
            for told, letter in zip(found, letters, strict=True)
        ]
        columns = ("id", "failedAt", "source", "type", "errorCode", "error")
        print_rows("Dead letters", columns, rows)
    else:
        people.print("There are no dead letters.")
    if found:
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


@dead_letters.command("show")
def show_letter(id: Id, data_dir: DataDir = None, json: Json = False) -> None:
    """Show one with its payload and history, also if it was put back or discarded since.

    Example: availability-hub dead-letters show 4711
    """

    async def asked(letters: DeadLetters) -> DeadLetter:
        found = await letters.by_id(_PRINCIPAL, id)
        if found is None:
            raise DeadLetterNotFound(id=id)
        return found

    _print(_run(asked, data_dir), json)


@dead_letters.command("requeue")
def requeue(
    ids: ManyIds = None,
    source: Source = None,
    code: Code = None,
    type: Type = None,
    failed_from: From = None,
    failed_to: To = None,
    all: All = False,
    most: MostDone = 1_000,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Have dead letters worked again, as they are.

    Example: availability-hub dead-letters requeue --source erp --code UNKNOWN_SKU
    """
    sought = SoughtLetters(source, code, type, moment(failed_from), moment(failed_to))

    async def one(letters: DeadLetters, principal: Principal, id: str) -> object:
        return await letters.requeue(principal, id)

    async def many(letters: DeadLetters) -> ManyDone:
        return await letters.requeue_many(_PRINCIPAL, sought, most)

    _do("put back", ids or [], sought, all, one, many, data_dir, json)


@dead_letters.command("discard")
def discard(
    reason: Reason,
    ids: ManyIds = None,
    source: Source = None,
    code: Code = None,
    type: Type = None,
    failed_from: From = None,
    failed_to: To = None,
    all: All = False,
    most: MostDone = 1_000,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Decide that dead letters are never worked. `requeue` with the id undoes it.

    Example: availability-hub dead-letters discard 4711 --reason "test data of the supplier"
    """
    sought = SoughtLetters(source, code, type, moment(failed_from), moment(failed_to))

    async def one(letters: DeadLetters, principal: Principal, id: str) -> object:
        return await letters.discard(principal, id, reason)

    async def many(letters: DeadLetters) -> ManyDone:
        return await letters.discard_many(_PRINCIPAL, sought, most, reason)

    _do("discarded", ids or [], sought, all, one, many, data_dir, json)


@dead_letters.command("edit")
def edit(
    id: Id,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The event, as JSON.")
    ],
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Have a dead letter worked by another payload: the whole event, with the id that it has.

    Example: availability-hub dead-letters edit 4711 mended.json
    """
    try:
        payload = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        fail(f"{file.name} is not JSON: {error}", ExitCode.WRONG_USE)

    async def asked(letters: DeadLetters) -> DeadLetter:
        return await letters.edit(_PRINCIPAL, id, payload)

    _print(_run(asked, data_dir), json)


def _do(
    what: str,
    ids: list[str],
    sought: SoughtLetters,
    all: bool,
    one: Callable[[DeadLetters, Principal, str], Awaitable[object]],
    many: Callable[[DeadLetters], Awaitable[ManyDone]],
    data_dir: Path | None,
    json: bool,
) -> None:
    """Do something with the letters of these ids, or with those that are sought."""
    named = sought != SoughtLetters()
    if bool(ids) + named + all != 1:
        fail("Name ids, or options that say which, or --all.", ExitCode.WRONG_USE)

    async def asked(letters: DeadLetters) -> ManyDone:
        if not ids:
            return await many(letters)
        for id in ids:
            await one(letters, _PRINCIPAL, id)
        return ManyDone(len(ids), 0)

    done = _run(asked, data_dir)
    if json:
        print_json({"done": done.done, "left": done.left})
    else:
        left = f"; {done.left:,} more are left" if done.left else ""
        people.print(f"{done.done:,} {what}{left}.", highlight=False)


def _run(ask: Callable[[DeadLetters], Awaitable[T]], data_dir: Path | None, **settings: Any) -> T:
    chosen = settings_with(data_dir=data_dir, **settings)

    async def working() -> T:
        async with opened_services(chosen) as services:
            return await ask(services.intake.letters)

    return run(working)


def _as_dict(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "source": letter.source,
        "eventId": letter.event_id,
        "type": letter.type,
        "state": letter.state.value,
        "errorCode": letter.error_code,
        "error": letter.error,
        "attempts": letter.attempts,
        "receivedAt": letter.received_at.isoformat(),
        "failedAt": letter.failed_at.isoformat(),
        "payload": letter.payload,
        "editedPayload": letter.edited_payload,
        "history": [
            {
                "at": entry.at.isoformat(),
                "step": entry.step.value,
                "actor": entry.actor,
                "attempt": entry.attempt,
                "errorCode": entry.error_code,
                "error": entry.error,
                "reason": entry.reason,
                "payload": entry.payload,
            }
            for entry in letter.history
        ],
    }


def _print(letter: DeadLetter, json: bool) -> None:
    found = _as_dict(letter)
    if json:
        print_json(found)
        return
    figures = {name: value for name, value in found.items() if not isinstance(value, dict | None)}
    print_figures(f"Dead letter {letter.id}", figures)
    history = [
        {**told, "at": shown(entry.at)}
        for told, entry in zip(found["history"], letter.history, strict=True)
    ]
    print_rows("History", ("at", "step", "actor", "attempt", "error", "reason"), history)
    # In full, and as `edit` takes it: with less a person could decide nothing.
    for name in ("payload", "editedPayload"):
        if found[name] is not None:
            people.print(f"{name}:")
            print_json(found[name])
