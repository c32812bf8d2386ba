"""What puts something into the database, or takes it out, by commands."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.e2e.commands import ON_HAND, Run, one_sentence, printed
from tests.e2e.database import answer_now
from tests.integration.events import counted, send
from tests.integration.shop import opened
from workers.ingest import Ingest


@pytest.mark.slow
def test_counts_are_imported_row_by_row_and_bad_rows_are_reported(
    run: Run, tmp_path: Path, shop_url: str
) -> None:
    file = tmp_path / "counts.csv"
    file.write_text(
        "sku,location,on_hand\nA-1,BER,77\nNONE,BER,5\nA-1,NOWHERE,5\nA-1,BER,many\nA-2,BER,3\n"
    )

    report = printed(run("import", "stock", str(file), "--json"), code=1)

    assert (report["rows"], report["accepted"], report["bad"]) == (5, 2, 3)
    assert [(row["line"], row["column"]) for row in report["badRows"]] == [
        (3, "sku"),
        (4, "location"),
        (5, "on_hand"),
    ]
    assert report["deadLetters"] == 0
    assert answer_now(shop_url, ON_HAND) == 77

    for_people = run("import", "stock", str(file))
    assert for_people.returncode == 1
    assert "NOWHERE" not in for_people.stderr
    assert "line 4" in for_people.stdout
    again = printed(run("import", "stock", str(file), "--json"), code=1)
    assert (again["accepted"], again["duplicates"]) == (0, 2)


def test_a_file_of_good_rows_ends_with_0(run: Run, tmp_path: Path, shop_url: str) -> None:
    file = tmp_path / "counts.csv"
    file.write_text("sku;location;on_hand\nA-1;BER;12\n")
    ended = run("import", "stock", str(file), "--source", "warehouse")
    assert ended.returncode == 0, ended.stderr
    assert answer_now(shop_url, ON_HAND) == 12
    assert answer_now(shop_url, "select source from inbox") == "warehouse"


def test_a_file_that_is_no_import_is_refused_in_one_sentence(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    file.write_text("sku,on_hand\nA-1,12\n")
    ended = run("import", "stock", str(file))
    assert ended.returncode == 1
    assert "lacks location" in one_sentence(ended)


def test_a_whole_file_is_judged_before_it_is_applied(
    run: Run, tmp_path: Path, shop_url: str
) -> None:
    file = tmp_path / "whole.csv"
    file.write_text("sku,location,on_hand\nA-1,BER,77\nNONE,BER,5\nA-2,BER,many\nA-2,BER\n")
    report = printed(run("import", "stock", str(file), "--snapshot", "--json"), code=1)
    assert (report["state"], report["rows"], report["applied"]) == ("APPLIED", 4, 1)
    assert [(row["line"], row["column"], row["code"]) for row in report["refusals"]] == [
        (3, None, "UNKNOWN_SKU"),
        (4, "on_hand", "INVALID_INPUT"),
        (5, None, "INVALID_INPUT"),
    ]
    assert answer_now(shop_url, ON_HAND) == 77
    file.write_text("sku,location,on_hand\n" + "".join(f"NO-{n},BER,1\n" for n in range(9)))
    held_back = run("import", "stock", str(file), "--snapshot")
    assert held_back.returncode == 1
    assert "names 9 items that do not exist in 9 rows" in held_back.stdout
    rejected = run("snapshot", "reject", "2", "--reason", "another shop's", "--json")
    assert [one["rail"] for one in printed(rejected)["report"]] == ["unknown_share"]


def test_orders_are_imported(run: Run, tmp_path: Path, shop_url: str) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order,channel,sku,quantity\nO-1,web,A-1,2\nO-1,web,A-2,1\nO-2,web,A-1,1\n")

    report = printed(run("import", "orders", str(file), "--json"))

    assert (report["accepted"], report["bad"], report["deadLetters"]) == (3, 0, 0)
    allocated = "select allocated / 1000 from position where sku = 'A-1' and location = 'BER'"
    assert answer_now(shop_url, allocated) == 3


@pytest.mark.slow
def test_a_feed_for_google_is_written_whole_or_not_at_all(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "local.tsv"
    refused = run("export", "google-local", "--channel", "nope", "--output", str(file))
    assert refused.returncode == 1
    assert one_sentence(refused) == "No channel has the id nope."
    assert list(tmp_path.glob("local*")) == []

    written = run("export", "google-local", "--channel", "web", "--output", str(file), "--json")
    assert printed(written) == {"items": 4, "lines": 4}
    shown = run("export", "google-local", "--channel", "web").stdout
    assert shown == file.read_text()
    assert "BER\tA-1\t10\tin_stock\t\n" in shown
    assert list(tmp_path.glob("local*")) == [file]


@pytest.mark.slow
async def test_dead_letters_are_shown_edited_put_back_and_replayed(
    run: Run, shop_url: str, tmp_path: Path
) -> None:
    assert printed(run("dead-letters", "list", "--json")) == {"deadLetters": []}
    wrong = [counted(units, sku="NONE", id=f"count-{units}") for units in (3, 4)]
    async with opened(shop_url) as services:
        await send(services, *wrong)
        await Ingest(services).drain()
    found = printed(run("dead-letters", "list", "--code", "UNKNOWN_SKU", "--json"), code=1)
    newest, oldest = found["deadLetters"]
    assert [newest["eventId"], oldest["eventId"]] == ["count-4", "count-3"]

    mended = tmp_path / "mended.json"
    mended.write_text(json.dumps(counted(4, id="count-4")))
    edited = printed(run("dead-letters", "edit", newest["id"], str(mended), "--json"))
    assert (edited["state"], edited["payload"]["data"]["sku"]) == ("PENDING", "NONE")
    replayed = printed(run("replay", "--source", "shop", "--json"), code=1)
    assert (replayed["repaired"], replayed["deadLetters"]) == (1, 1)
    assert await asyncio.to_thread(answer_now, shop_url, ON_HAND) == 4
    shown = run("dead-letters", "show", newest["id"])
    assert "APPLIED" in shown.stdout

    discarded = run("dead-letters", "discard", "--all", "--reason", "a test", "--json")
    assert printed(discarded) == {"done": 1, "left": 0}
    assert "There are no dead letters." in run("dead-letters", "list").stdout
    unknown = run("dead-letters", "requeue", "99999")
    assert unknown.returncode == 1
    assert one_sentence(unknown) == "No dead letter has the id 99999."
