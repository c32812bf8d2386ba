"""The command line as a person or a script meets it: what it prints and how it ends."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.cli import app
from tests.e2e.commands import Run, one_sentence, printed
from tests.e2e.database import answer_now
from tests.e2e.processes import PROJECT, run_command
from tests.integration.alerting import followed
from tests.integration.shop import count, execute, opened

COMMANDS = (
    ["serve"],
    ["work"],
    ["demo"],
    ["migrate"],
    ["seed"],
    ["replay"],
    ["audit"],
    ["alerts"],
    ["doctor"],
    ["schema"],
    ["import", "stock"],
    ["import", "orders"],
    ["export", "google-local"],
    ["channel-sync", "status"],
    ["channel-sync", "reconcile"],
    ["channel-sync", "import"],
    ["source", "list"],
    ["source", "show"],
    ["source", "put"],
    ["source", "remove"],
    ["source", "test"],
    ["source", "import"],
    ["source", "deliveries"],
    ["dead-letters", "list"],
    ["dead-letters", "show"],
    ["dead-letters", "requeue"],
    ["dead-letters", "discard"],
    ["dead-letters", "edit"],
    ["snapshot", "list"],
    ["snapshot", "show"],
    ["snapshot", "approve"],
    ["snapshot", "reject"],
)
WHOLE = app.app_with(app.COMMANDS)
NOWHERE = "postgresql://hub@127.0.0.1:1/hub"


def test_an_interrupt_amid_the_loading_ends_with_its_exit_code(tmp_path: Path) -> None:
    # CPython keeps a mark of an interrupt in a text that is run, as dataclasses are made.
    (tmp_path / "typer.py").write_text("exec('raise KeyboardInterrupt')")
    path = f"{tmp_path}:{PROJECT}"
    ended = run_command("doctor", folder=tmp_path, PYTHONPATH=path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_an_example(command: list[str]) -> None:
    shown = CliRunner().invoke(WHOLE, [*command, "--help"])
    assert shown.exit_code == 0
    assert "Example:" in shown.output
    assert f"availability-hub {' '.join(command)}" in " ".join(shown.output.split())


def test_the_overview_names_every_command_and_what_exit_codes_mean(tmp_path: Path) -> None:
    shown = run_command("--help", folder=tmp_path)
    assert shown.returncode == 0
    assert {command[0] for command in COMMANDS} <= set(shown.stdout.split())
    assert "Exit codes" in shown.stdout


@pytest.mark.slow
def test_seeding_twice_changes_nothing(database_url: str, tmp_path: Path) -> None:
    first, second = (
        printed(run_command("seed", "--json", folder=tmp_path, DATABASE_URL=database_url))
        for _ in range(2)
    )
    assert first["alreadySeeded"] is False
    assert first["items"] >= 100
    assert second["alreadySeeded"] is True
    movements = answer_now(database_url, "select count(*) from movement")
    assert movements == first["positions"] + first["supplyLines"]


@pytest.mark.slow
async def test_the_audit_ends_with_0_on_a_sound_ledger_and_with_1_on_a_broken_one(
    run: Run, shop_url: str
) -> None:
    sound = run("audit")
    assert sound.returncode == 0, sound.stderr
    assert "holds" in sound.stdout
    assert "broken" not in sound.stdout

    await execute(shop_url, "update position set on_hand = on_hand + 1 where sku = 'A-1'")

    broken = printed(run("audit", "--json"), code=1)
    assert broken["clean"] is False
    (found,) = (finding for finding in broken["findings"] if finding["rows"])
    assert found["name"] == "position_is_its_movements"
    for_people = run("audit")
    assert for_people.returncode == 1
    assert "broken" in for_people.stdout


WRONG_USE = [
    ["audit", "--wrong"],
    ["fly"],
    ["serve", "--port", "seventy"],
    ["serve", "--port", "70000"],
    ["import", "stock", "missing.csv"],
    ["replay"],
    ["replay", "README.md", "--source", "erp"],
    ["replay", "--source", "erp", "--limit", "5"],
    ["replay", "README.md", "--dry-run"],
    ["replay", "--source", "erp", "--from", "2027-01-01", "--to", "2026-01-01"],
    ["dead-letters", "requeue"],
    ["dead-letters", "requeue", "7", "--source", "erp"],
    ["dead-letters", "discard", "7"],
]


async def test_alerts_are_shown_and_end_with_1_where_there_are_any(run: Run, shop_url: str) -> None:
    assert printed(run("alerts", "--json")) == {"alerts": []}
    assert "Nothing is the matter." in run("alerts").stdout
    async with opened(shop_url) as services:
        await count(services, "A-1", 0)
        await followed(services)
    found = printed(run("alerts", "--json", "--most", "1"), code=1)["alerts"]
    assert [(one["condition"], one["sku"], one["state"]) for one in found] == [
        ("OUT_OF_STOCK", "A-1", "OPEN")
    ]
    shown = run("alerts")
    assert shown.returncode == 1
    assert "A-1 is sold out in web" in shown.stdout


@pytest.mark.parametrize("arguments", WRONG_USE, ids=" ".join)
def test_wrong_use_ends_with_2(arguments: list[str]) -> None:
    ended = CliRunner().invoke(WHOLE, arguments)
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert ended.stderr


def test_a_script_sees_wrong_use_by_the_exit_code(tmp_path: Path) -> None:
    ended = run_command("audit", "--wrong", folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--wrong" in ended.stderr


@pytest.mark.parametrize(
    "settings",
    [
        {"HUB_HOST": "0.0.0.0"},
        {"HUB_HOLD_TTL_SECONDS": "soon"},
        {"HUB_BACKPLANE_URL": "kafka://somewhere"},
        {"HUB_ACCESS_TOKENS": "no json"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_a_wrong_setting_is_named_in_one_sentence(run: Run, settings: dict[str, str]) -> None:
    ended = run("serve", "--port", "0", **settings)
    (name,) = settings
    assert ended.returncode == 2
    assert name.removeprefix("HUB_").lower() in one_sentence(ended).lower()


@pytest.mark.parametrize("command", [["audit"], ["serve", "--port", "0"], ["work"]], ids=" ".join)
def test_a_missing_database_is_said_in_one_sentence_and_ends_with_3(
    tmp_path: Path, command: list[str]
) -> None:
    ended = run_command(*command, folder=tmp_path, DATABASE_URL=NOWHERE)
    assert ended.returncode == 3
    assert "database" in one_sentence(ended)


@pytest.mark.slow
def test_a_damaged_data_folder_is_said_in_one_sentence_and_ends_with_3(tmp_path: Path) -> None:
    cluster = tmp_path / "data" / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("18\n")
    for command in (["demo", "--port", "0"], ["audit"]):
        ended = run_command(*command, "--data-dir", str(tmp_path / "data"), folder=tmp_path)
        assert ended.returncode == 3
        assert "damaged" in one_sentence(ended)


@pytest.mark.slow
def test_the_doctor_tells_what_is_missing(run: Run) -> None:
    well = run("doctor", "--json")
    report = json.loads(well.stdout)
    assert report["checks"]["database"]["ok"] is True
    assert "database_url" not in report["settings"]
    ill = run("doctor", "--json", DATABASE_URL=NOWHERE, REDIS_URL="redis://127.0.0.1:1/0")
    assert ill.returncode == 3
    checks = json.loads(ill.stdout)["checks"]
    assert (checks["database"]["ok"], checks["redis"]["ok"]) == (False, False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://127.0.0.1:1/0", "HUB_BACKPLANE_URL does not answer"),
        (NOWHERE, "HUB_BACKPLANE_URL does not answer"),
        ("kafka://here", "kafka:// is not one of"),
    ],
)
def test_the_doctor_asks_what_carries_hints(run: Run, url: str, said: str) -> None:
    ended = run("doctor", "--json", DATABASE_URL=NOWHERE, HUB_BACKPLANE_URL=url)
    asked = json.loads(ended.stdout)["checks"]["backplane"]
    assert not asked["ok"]
    assert said in asked["detail"]


@pytest.mark.slow
def test_the_doctor_shows_settings_that_are_off_as_well(run: Run) -> None:
    settings = {"HUB_AUDIT_INTERVAL_SECONDS": "0", "HUB_BANDS": "1,7"}
    shown = run("doctor", DATABASE_URL=NOWHERE, **settings).stdout
    for name, value in (("audit_interval_seconds", "0"), ("development", "no"), ("bands", "1, 7")):
        assert re.search(rf"^{name} +{value} *$", shown, re.MULTILINE), shown


@pytest.mark.slow
def test_the_doctor_shows_no_secret(run: Run) -> None:
    secret = "hunter2"
    digest = "0" * 64
    token = {"name": "till", "scopes": ["events:ingest"]}
    settings = {
        "DATABASE_URL": NOWHERE.replace("hub@", f"hub:{secret}@"),
        "REDIS_URL": f"redis://:{secret}@127.0.0.1:1/0",
        "HUB_BACKPLANE_URL": f"redis://:{secret}@127.0.0.1:1/0",
        "HUB_ACCESS_TOKENS": json.dumps({digest: token}),
    }
    for more in ([], ["--json"]):
        ended = run("doctor", *more, **settings)
        for said in (ended.stdout, ended.stderr):
            assert secret not in said
            assert digest not in said


@pytest.mark.slow
def test_the_doctor_says_who_is_let_in(run: Run) -> None:
    def access(**settings: str) -> str:
        report = json.loads(run("doctor", "--json", **settings).stdout)
        return str(report["checks"]["access"]["detail"])

    tokens = json.dumps({"0" * 64: {"name": "till", "scopes": ["events:ingest"]}})
    assert access() == "open, on loopback only"
    assert access(HUB_ACCESS_TOKENS=tokens) == "by token"
    anonymous = access(HUB_ANONYMOUS_ACCESS="true")
    assert anonymous.startswith("anonymous")
    assert anonymous.endswith("no tokens are set")
    both = access(HUB_ANONYMOUS_ACCESS="true", HUB_ACCESS_TOKENS=tokens)
    assert both.startswith("anonymous")
    assert both.endswith("by token")


@pytest.mark.slow
def test_migrating_twice_changes_nothing(empty_database_url: str, tmp_path: Path) -> None:
    for _ in range(2):
        ended = run_command("migrate", "--json", folder=tmp_path, DATABASE_URL=empty_database_url)
        assert printed(ended) == {"migrated": True}


def test_the_schema_is_printed_as_it_is_committed(tmp_path: Path) -> None:
    committed = PROJECT / "schema" / "schema.graphql"
    assert run_command("schema", folder=tmp_path).stdout == committed.read_text()
    committed = PROJECT / "schema" / "openapi.json"
    assert run_command("schema", "--openapi", folder=tmp_path).stdout == committed.read_text()
