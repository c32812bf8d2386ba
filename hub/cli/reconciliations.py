"""`reconciliation`: full comparisons with sources and sales channels, and booking corrections."""

from typing import Annotated, Any

import typer

from hub.bootstrap import Services
from hub.cli.console import ExitCode, people, print_figures, print_json, print_rows, progress_bar
from hub.cli.options import DataDir, File, Json
from hub.cli.running import opened_services, run, settings_with
from hub.domain.errors import InvalidInput
from hub.domain.principal import trusted
from hub.domain.reconciliations import (
    DriftCause,
    DriftItem,
    DriftState,
    Reconciliation,
    ReconciliationKind,
)
from hub.domain.source_reconciliation import DueState
from hub.services.reconciliations import Chosen
from workers.formats.registry import FORMATS
from workers.sources.files import compare_file

reconciliations = typer.Typer(
    no_args_is_help=True, help="Compare stock with sources, and book what is found."
)
Id = Annotated[str, typer.Argument(help="The comparison, as `reconciliation list` shows it.")]
Causes = Annotated[
    list[DriftCause] | None, typer.Option("--cause", help="Only by this cause; may be repeated.")
]

_PRINCIPAL = trusted("reconciliation")
_LISTED = ("id", "kind", "source", "state", "compared", "drifted", "units", "open", "comparedAt")
_DUE = ("source", "every", "policy", "state", "comparedAt", "dueAt")
_CAUSE = ("cause", "items", "units", "correction")
_ITEM = ("sku", "location", "hub", "source", "difference", "correction", "cause", "state")


@reconciliations.command("run")
def run_one(
    name: Annotated[str, typer.Argument(help="Name of the source.")],
    file: File,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Compare a file of a source, which tells all it has, with the hub. Nothing of it is applied
    but what the policy of the source books. Ends with 1 if something waits for a person.

    Example: availability-hub reconciliation run acme stock.csv
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            source = (await services.sources.get(_PRINCIPAL, name)).source
            services.sources.check(source)
            with progress_bar(f"Comparing {file.name}", quiet=json) as tell:
                format = FORMATS[source.format]
                snapshot = await compare_file(services, source, format, file, tell)
            page = await services.reconciliations.page(
                _PRINCIPAL, name, ReconciliationKind.SOURCE, settings.max_page, None
            )
            found = next(one for one in page.nodes if one.name == snapshot.name)
            await _book(services, found.id)
            refused = await services.snapshots.refusals(_PRINCIPAL, snapshot.id)
            report = await _report(services, str(found.id), None, settings.max_page)
            return {**report, "refusals": [row._asdict() for row in refused]}

    report = run(working)
    _print(report, json)
    if report["open"] or report["refused"] or report["report"]:
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


@reconciliations.command("list")
def show_all(
    source: Annotated[str | None, typer.Option(help="Only of this source or target.")] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """List when each source is to be compared, and the newest comparisons. Ends with 1 if a source
    is overdue, or if something of the newest comparison of one waits for a person.

    Example: availability-hub reconciliation list --source acme
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            service = services.reconciliations
            page = await service.page(_PRINCIPAL, source, None, settings.max_page, None)
            standings = await service.standings(_PRINCIPAL)
            return {
                "sources": [one.as_dict() for one in standings if source in (None, one.source)],
                "reconciliations": [one.as_dict() for one in page.nodes],
            }

    found = run(working)
    if json:
        print_json(found)
    else:
        if found["sources"]:
            print_rows("Sources", _DUE, found["sources"])
        if found["reconciliations"]:
            print_rows("Comparisons", _LISTED, found["reconciliations"])
        else:
            people.print("Nothing has been compared yet.")
    overdue = any(one["state"] == DueState.OVERDUE for one in found["sources"])
    # What an older one has found, the newest has looked at again; they are listed newest first.
    newest = {(one["kind"], one["source"]): one for one in reversed(found["reconciliations"])}
    if overdue or any(one["open"] for one in newest.values()):
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


@reconciliations.command("show")
def show_one(
    id: Id,
    cause: Causes = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Show a comparison by cause, and the items that are furthest off.

    Example: availability-hub reconciliation show 7 --cause SHRINKAGE
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            return await _report(services, id, cause, settings.max_page)

    _print(run(working), json)


@reconciliations.command("book")
def book(
    id: Id,
    reason: Annotated[str, typer.Option(help="Why, for those who ask later.")],
    cause: Causes = None,
    item: Annotated[
        list[str] | None,
        typer.Option(help="Only this item, as SKU@LOCATION; may be repeated."),
    ] = None,
    data_dir: DataDir = None,
    json: Json = False,
) -> None:
    """Book what a comparison has found: all that nothing else mends, or what is named. Ends with 1
    if a correction was overtaken or refused.

    Example: availability-hub reconciliation book 7 --cause SHRINKAGE --reason "counted twice"
    """
    settings = settings_with(data_dir=data_dir)

    async def working() -> dict[str, Any]:
        chosen = Chosen(cause or None, [_key(one) for one in item] if item else None)
        async with opened_services(settings) as services:
            asked = await services.reconciliations.book(_PRINCIPAL, id, chosen, reason)
            await _book(services, int(id))
            return {"askedNow": asked, **await _report(services, id, cause, settings.max_page)}

    report = run(working)
    _print(report, json)
    if report["overtaken"] or report["refused"]:
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


def _key(item: str) -> tuple[str, str]:
    sku, _, location = item.rpartition("@")
    if not sku or not location:
        raise InvalidInput(field="item", problem=f"{item!r} must be SKU@LOCATION")
    return sku, location


async def _book(services: Services, id: int) -> None:
    while await services.reconciliations.booking.book(id):
        pass


async def _report(
    services: Services, id: str, causes: list[DriftCause] | None, most: int
) -> dict[str, Any]:
    service = services.reconciliations
    found: Reconciliation = await service.by_id(_PRINCIPAL, id)
    page = await service.items(_PRINCIPAL, found.id, causes or None, None, most, None)
    items: list[DriftItem] = page.nodes
    return {**found.as_dict(), "items": [one.as_dict() for one in items]}


def _print(report: dict[str, Any], json: bool) -> None:
    if json:
        print_json(report)
        return
    figures = {name: value for name, value in report.items() if value is not None}
    print_figures(f"Comparison {report['id']} with {report['source']}", figures)
    for tripped in report["report"]:
        people.print(f"  {tripped['rail']}: {tripped['problem']}", highlight=False)
    if report["causes"]:
        print_rows("By cause", _CAUSE, report["causes"])
    if report["items"]:
        print_rows("Items, the furthest off first", _ITEM, report["items"])
    if any(one["state"] == DriftState.OPEN for one in report["items"]):
        command = f"availability-hub reconciliation book {report['id']} --reason …"
        people.print(f"Book what is open: {command}", soft_wrap=True)
