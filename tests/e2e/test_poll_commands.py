"""`source poll`: what it prints, does and ends with."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hub.cli.app import app_with
from tests.e2e.database import answer_now

ON_HAND = "select on_hand / 1000 from position where sku = 'A-1' and location = 'BER'"
CONFIGURATION = """
name = "acme"
format = "csv"
fetch = { kind = "folder", folder = "out", every = "1h", settle = "0s" }
"""

Run = Callable[..., Any]


@pytest.fixture
def run(shop_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in a folder and gives what it printed; it must end with `code`."""
    monkeypatch.setenv("DATABASE_URL", shop_url)
    monkeypatch.setenv("HUB_WATCHED_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def run_here(*arguments: str, code: int = 0) -> Any:
        ended = CliRunner().invoke(app_with(["source"]), ["source", *arguments])
        assert ended.exit_code == code, ended.output
        return json.loads(ended.stdout) if "--json" in arguments else ended.output

    return run_here


def test_a_source_is_asked_by_hand(run: Run, tmp_path: Path, shop_url: str) -> None:
    (tmp_path / "acme.toml").write_text(CONFIGURATION)
    run("put", "acme.toml")
    assert "the folder out can not be opened" in run("poll", "acme", "--dry-run", code=1)
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "stock.csv").write_text("sku,location,on_hand\nA-1,BER,4\nNEW,BER,1\n")

    tried = run("poll", "acme", "--dry-run", code=1)
    assert "UNKNOWN_SKU" in tried
    assert [path.name for path in folder.iterdir()] == ["stock.csv"]
    assert answer_now(shop_url, ON_HAND) == 10

    told = run("poll", "acme", "--json", code=1)
    assert (told["outcome"], told["accepted"], told["refused"]) == ("TAKEN", 1, 1)
    assert told["refusedRows"][0]["code"] == "UNKNOWN_SKU"
    assert answer_now(shop_url, ON_HAND) == 4
    assert [path.name for path in folder.iterdir()] == ["done"]
    assert "UNCHANGED" in run("poll", "acme")
    (listed,) = run("list", "--json")["sources"]
    assert listed["polling"]["outcome"] == "UNCHANGED"
    assert listed["polling"]["nextAt"] > listed["polling"]["lastAt"]
