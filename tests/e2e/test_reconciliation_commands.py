"""`reconciliation` and `source reconcile`: what they print, and what they end with."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from hub.cli.app import app_with
from tests.e2e.database import answer_now
from tests.integration.workers.line_format import LINES
from workers.formats import registry

ON_HAND = "select string_agg((on_hand / 1000)::text, ' ' order by sku) from position"


@pytest.fixture
def at_the_shop(shop_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which commands reach the shop, with a source that is to be compared weekly."""
    monkeypatch.setenv("DATABASE_URL", shop_url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(registry.FORMATS, LINES.name, LINES)
    monkeypatch.setitem(registry.OPTION_CHECKS, LINES.name, LINES.check)
    text = 'name = "acme"\nformat = "lines"\n[reconciliation]\nevery = "7d"\n'
    (tmp_path / "acme.toml").write_text(text)
    write(tmp_path / "stock.jsonl", {"A-1": 7, "A-2": 12, "B-1": 10, "X-1": 1})
    assert called("source", "put", "acme.toml").exit_code == 0
    return tmp_path


def write(path: Path, units: dict[str, int]) -> None:
    told = [
        {"sku": sku, "location": "BER", "onHand": many, "snapshot": True}
        for sku, many in units.items()
    ]
    path.write_text("".join(json.dumps(one) + "\n" for one in told))
    later = path.stat().st_mtime + 60
    os.utime(path, (later, later))


def called(*arguments: str) -> Result:
    return CliRunner().invoke(app_with([arguments[0]]), list(arguments))


def told(*arguments: str, code: int = 0) -> Any:
    ended = called(*arguments, "--json")
    assert ended.exit_code == code, ended.output
    return json.loads(ended.stdout)


def test_a_file_is_compared_and_booked_by_hand(at_the_shop: Path, shop_url: str) -> None:
    assert told("reconciliation", "list")["sources"][0]["state"] == "DUE"
    tried = told("source", "test", "acme", "stock.jsonl", code=1)
    assert tried["snapshot"]["state"] == "COMPARED"
    taken = told("source", "import", "acme", "stock.jsonl")
    assert (taken["snapshot"]["state"], taken["snapshot"]["applied"]) == ("COMPARED", 0)
    shown = called("source", "import", "acme", "stock.jsonl").output
    assert "nothing of it is applied: see availability-hub reconciliation list" in shown

    found = told("reconciliation", "show", "1")
    assert {one["sku"]: one["cause"] for one in found["items"]} == {
        "A-1": "SHRINKAGE",
        "A-2": "SURPLUS",
        "X-1": "UNKNOWN_SKU",
    }
    assert (found["state"], found["open"], found["units"]) == ("OPEN", 2, 6)
    assert answer_now(shop_url, ON_HAND) == "10 10 10 10"
    listed = told("reconciliation", "list", "--source", "acme", code=1)
    assert listed["sources"][0]["state"] == "ON_TIME"
    assert [one["id"] for one in listed["reconciliations"]] == ["1"]

    book = ("reconciliation", "book", "1", "--reason", "counted")
    assert "must be SKU@LOCATION" in called(*book, "--item", "A-1").output
    done = told(*book, "--item", "A-1@BER")
    assert (done["askedNow"], done["booked"], done["open"]) == (1, 1, 1)
    shown = called(*book, "--cause", "SURPLUS").output
    assert "BOOKED" in shown
    assert answer_now(shop_url, ON_HAND) == "7 12 10 10"

    write(at_the_shop / "next.jsonl", {"A-1": 7, "A-2": 12, "B-1": 4})
    again = told("source", "reconcile", "acme", "next.jsonl", code=1)
    assert (again["id"], again["drifted"], again["items"][0]["cause"]) == ("2", 1, "SHRINKAGE")
    assert "Book what is open" in called("reconciliation", "show", "2").output
    no_whole = json.dumps({"sku": "A-1", "location": "BER", "onHand": 1})
    (at_the_shop / "few.jsonl").write_text(no_whole + "\n")
    refused = called("reconciliation", "run", "acme", "few.jsonl")
    assert refused.exit_code == 1
    assert "is no snapshot of all that its source has" in " ".join(refused.output.split())
