"""`audit` and `doctor`: what looks and tells."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.text import Text

from hub.bootstrap import database_of
from hub.cli.console import (
    ExitCode,
    fail,
    people,
    print_figures,
    print_json,
    print_rows,
    progress_bar,
)
from hub.cli.moments import FORMATS, moment
from hub.cli.options import DataDir, Json
from hub.cli.running import opened_services, run, settings_with
from hub.configuration import backplane_url
from hub.domain.errors import Unavailable
from hub.domain.principal import trusted
from hub.live.backplane import UnknownBackplane, backend_for, redis_version
from hub.settings import Settings
from hub.store.audit_chain import ChainReport
from hub.store.database import Database
from hub.store.embedded_postgres import EmbeddedPostgresError


def audit(
    data_dir: DataDir = None,
    chain: Annotated[
        bool, typer.Option("--chain", help="Check that every entry is what was once written.")
    ] = False,
    until: Annotated[
        datetime | None,
        typer.Option(formats=FORMATS, metavar="<time>", help="With --chain: the root of then."),
    ] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Correct positions that have drifted, by movements.")
    ] = False,
    json: Json = False,
) -> None:
    """Check the whole ledger against its own rules. Ends with 1 if one of them is broken.

    Example: availability-hub audit --json
    """
    if (chain and repair) or (until is not None and not chain):
        fail("--chain goes with --until, and with nothing else.", ExitCode.WRONG_USE)
    settings = settings_with(data_dir=data_dir)
    if chain:
        clean = _verify_chains(settings, moment(until), json)
    else:
        clean = _check_rules(settings, repair, json)
    if not clean:
        raise typer.Exit(ExitCode.FOUND_SOMETHING_WRONG)


def _check_rules(settings: Settings, repair: bool, json: bool) -> bool:
    async def working() -> dict[str, Any]:
        async with opened_services(settings) as services:
            if repair:
                return (await services.audit.repair(trusted("audit"))).as_dict()
            return (await services.audit.run(trusted("audit"))).as_dict()

    report = run(working)
    if json:
        print_json(report)
        return bool(report["clean"])
    if report["drift"]:
        columns = ("sku", "location", "part", "position", "movements", "truth")
        print_rows("Drift", columns, report["drift"])
    if report.get("repairs"):
        print_rows("Repairs", ("sku", "location", "corrected", "note"), report["repairs"])
    for finding in report["findings"]:
        mark = Text("broken", "red") if finding["rows"] else Text("holds ", "green")
        people.print(Text.assemble("  ", mark, f"  {finding['rule']}"))
        for row in finding["rows"]:
            people.print(f"          {row}", highlight=False)
    print_figures("Looked at", report["counts"])
    return bool(report["clean"])


def _verify_chains(settings: Settings, until: datetime | None, json: bool) -> bool:
    async def working() -> ChainReport:
        async with opened_services(settings) as services:
            with progress_bar("Verifying", quiet=json) as tell:
                return await services.audit.verify_chains(trusted("audit"), until, tell)

    report = run(working)
    if json:
        print_json(report.as_dict())
        return report.clean
    if report.broken:
        rows = [one._asdict() for one in report.broken]
        print_rows("Broken chains", ("sku", "location", "version", "problem"), rows)
    figures = {
        "movements": report.movements,
        "positions": report.positions,
        "broken positions": report.broken_positions,
    }
    print_figures("Chains", figures)
    people.print(f"Root at {report.as_of.isoformat()}", highlight=False)
    people.print(report.root, highlight=False, soft_wrap=True)
    return report.clean


def doctor(data_dir: DataDir = None, json: Json = False) -> None:
    """Show the settings in force and whether everything the hub needs answers.

    Example: availability-hub doctor
    """
    settings = settings_with(data_dir=data_dir)
    checks = run(lambda: _checks(settings))
    secret = {name for name, field in Settings.model_fields.items() if not field.repr}
    shown = settings.model_dump(mode="json", exclude=secret)
    if json:
        print_json({"settings": shown, "checks": checks})
    else:
        print_figures("Settings", {name: _shown(value) for name, value in shown.items()})
        for name, answer in checks.items():
            mark = Text("ok", "green") if answer["ok"] else Text("no", "red")
            line = Text.assemble("  ", mark, f"  {name}: {answer['detail']}")
            people.print(line, highlight=False, soft_wrap=True)
    if not all(answer["ok"] for answer in checks.values()):
        raise typer.Exit(ExitCode.DEPENDENCY_MISSING)


def _shown(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "not set" if value is None else value


async def _checks(settings: Settings) -> dict[str, dict[str, Any]]:
    built = (settings.frontend_dir / "index.html").is_file()
    checks = {"database": await _check_database(settings)}
    if settings.redis_url is not None:
        checks["redis"] = await _check_hints(settings.redis_url, "REDIS_URL")
    if settings.backplane_url is not None:
        checks["backplane"] = await _check_hints(settings.backplane_url, "HUB_BACKPLANE_URL")
    detail = "built" if built else "not built: run `make setup`, or set HUB_FRONTEND_DIR"
    checks["storefront"] = {"ok": built, "detail": detail}
    checks["access"] = {"ok": True, "detail": _access(settings)}
    return checks


async def _check_database(settings: Settings) -> dict[str, Any]:
    kind = "embedded" if settings.database_url is None else "DATABASE_URL"
    try:
        async with database_of(settings, join=True) as url:
            version = await _postgres_version(url)
            hints = backplane_url(settings, url).split(":")[0]
    except (EmbeddedPostgresError, Unavailable) as error:
        return {"ok": False, "detail": str(error)}
    return {"ok": True, "detail": f"PostgreSQL {version} ({kind}), hints over {hints}"}


async def _postgres_version(url: str) -> str:
    database = Database(url)
    try:
        await database.open()
        return str((await database.fetch("show server_version"))[0]["server_version"])
    finally:
        await database.close()


def _access(settings: Settings) -> str:
    if settings.open_access:
        return "open, on loopback only"
    if not settings.anonymous_access:
        return "by token"
    others = "all others by token" if settings.access_tokens else "no tokens are set"
    return f"anonymous, for availability in bands and holds; {others}"


async def _check_hints(url: str, setting: str) -> dict[str, Any]:
    try:
        backend_for(url, setting)
        answer = await _carrier(url)
    except UnknownBackplane as unknown:
        return {"ok": False, "detail": str(unknown)}
    except Unavailable:
        answer = None
    if answer is None:
        return {"ok": False, "detail": f"{setting} does not answer"}
    return {"ok": True, "detail": answer}


async def _carrier(url: str) -> str | None:
    """What answers at the address of a backplane. Raises `Unavailable`."""
    kind = urlsplit(url).scheme
    if kind == "memory":
        return "within this process"
    if kind.startswith("postgres"):
        return f"PostgreSQL {await _postgres_version(url)}"
    version = await redis_version(url)
    return None if version is None else f"Redis {version}"
