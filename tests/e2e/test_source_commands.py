"""`source`: what its commands print, write and end with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli.app import app_with
from tests.e2e.database import answer_now
from tests.integration.workers.line_format import LINES
from workers.formats import registry

ON_HAND = "select on_hand / 1000 from position where sku = 'A-1' and location = 'BER'"
EVENTS = "select count(*) from inbox"

Run = Callable[..., Any]


@pytest.fixture
def run(shop_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder and gives the JSON that it printed; it must end with `code`."""
    monkeypatch.setenv("DATABASE_URL", shop_url)
    monkeypatch.chdir(tmp_path)
    # One that answers, as EDI does.
    monkeypatch.setitem(registry.FORMATS, LINES.name, LINES)
    monkeypatch.setitem(registry.OPTION_CHECKS, LINES.name, LINES.check)

    def run_here(*arguments: str, code: int = 0) -> Any:
        ended = CliRunner().invoke(app_with(["source"]), ["source", *arguments, "--json"])
        assert ended.exit_code == code, ended.output
        return json.loads(ended.stdout) if ended.stdout else ended.stderr

    return run_here


def test_a_source_is_put_by_its_version_and_removed(run: Run, tmp_path: Path) -> None:
    assert run("list") == {"sources": []}
    plain = tmp_path / "acme.toml"
    plain.write_text('name = "acme"\nformat = "csv"\n')
    first = run("put", "acme.toml", "--if-version", "0")
    assert run("show", "acme") == first
    assert "is at version" in run("put", "acme.toml", "--if-version", "0", code=1)
    (tmp_path / "acme.json").write_text(
        json.dumps({**first["configuration"], "options": {"decimal": ","}})
    )
    second = run("put", "acme.json", "--if-version", str(first["version"]))
    assert run("list")["sources"] == [second]
    (waiting,) = run("health")["sources"]
    assert (waiting["state"], waiting["lastHeardAt"]) == ("WAITING", None)
    assert run("remove", "acme") == {"removed": "acme"}
    for command in ("show", "health"):
        assert "No source has the name acme." in run(command, "acme", code=1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        # What stands in brackets is not taken for a style of the terminal.
        ('name = "acme"\nformat = "[/bold]"', "format: must be one of: amazon_sp_api,"),
        ('name = "acme"\nformat = "csv"\n"[/bold]" = 1', "[/bold]: is no key here"),
        ("name = ", "acme.toml: is not TOML"),
        ('name = "acme"', "format: must be a text"),
        ('name = "acme"\nformat = "csw"', "format: must be one of: amazon_sp_api,"),
        ('name = "acme"\nformat = "csv"\nskuz = 1', "skuz: is no key here"),
    ],
)
def test_a_wrong_configuration_is_one_sentence(
    run: Run, tmp_path: Path, text: str, sentence: str
) -> None:
    (tmp_path / "acme.toml").write_text(text)
    assert sentence in " ".join(run("put", "acme.toml", code=1).split())


def test_a_snapshot_that_trips_a_guard_rail_ends_with_1_and_changes_nothing(
    run: Run, tmp_path: Path, shop_url: str
) -> None:
    (tmp_path / "acme.toml").write_text(
        'name = "acme"\nformat = "lines"\n[guard_rails]\nfrom_items = 1\n'
    )
    run("put", "acme.toml")
    none = {"sku": "A-1", "location": "BER", "onHand": 0, "snapshot": True}
    (tmp_path / "zeros.jsonl").write_text(json.dumps(none) + "\n")
    tried = run("test", "acme", "zeros.jsonl", code=1)
    taken = run("import", "acme", "zeros.jsonl", code=1)
    assert tried["snapshot"]["report"] == taken["snapshot"]["report"]
    assert (taken["snapshot"]["state"], taken["refused"]) == ("QUARANTINED", 0)
    assert answer_now(shop_url, ON_HAND) == 10
    assert [one["state"] for one in run("health", "acme", code=1)["sources"]] == ["DOUBTFUL"]
    shown = CliRunner().invoke(app_with(["source"]), ["source", "test", "acme", "zeros.jsonl"])
    assert "zeroed_share: would leave nothing of 1 of the 1 items" in " ".join(shown.output.split())


def test_a_file_is_tried_and_taken_in_and_its_sender_answered(
    run: Run, tmp_path: Path, shop_url: str
) -> None:
    (tmp_path / "acme.toml").write_text('name = "acme"\nformat = "lines"\n')
    good = {"type": "stock.adjusted", "sku": "A-1", "location": "BER", "delta": 2, "reason": "+"}
    bad = {**good, "sku": "X-1"}
    file = tmp_path / "stock.jsonl"
    file.write_text(json.dumps(good) + "\n" + json.dumps(bad) + "\n")

    tried = run("test", "acme", "stock.jsonl", "--config", "acme.toml", code=1)
    assert tried["stock"]["rows"] == [
        {"sku": "A-1", "location": "BER", "before": 10, "after": 12, "change": 2}
    ]
    assert "must be acme2" in run("test", "acme2", "stock.jsonl", "--config", "acme.toml", code=1)
    assert answer_now(shop_url, EVENTS) == 0

    run("put", "acme.toml")
    taken = run("import", "acme", "stock.jsonl", code=1)
    assert (taken["accepted"], taken["refused"], taken["deadLetters"]) == (1, 1, 0)
    assert [row["line"] for row in taken["refusedRows"]] == [2]
    assert answer_now(shop_url, ON_HAND) == 12
    assert (tmp_path / "stock.jsonl.reply").read_bytes() == b"2 lines"

    file.write_text(json.dumps(good) + "\n")
    again = run("import", "acme", "stock.jsonl", "--replies", "answer.txt")
    assert (again["accepted"], again["reply"]) == (1, "answer.txt")
    assert (tmp_path / "answer.txt").read_bytes() == b"1 lines"
