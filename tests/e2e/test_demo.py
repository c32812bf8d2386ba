"""The demo, as somebody sees it who has just started it."""

import subprocess
import time
from pathlib import Path

import httpx
import pytest

from tests.e2e.processes import HubProcess, clean_environment, run_command, running_hub

pytestmark = pytest.mark.slow

ITEMS = "{ items(first: 3) { edges { node { sku availability { quantity } } } totalCount } }"
RESERVE = """
    mutation Hold($sku: ID!) {
      reserve(input: {lines: [{sku: $sku, quantity: 1}]}) {
        ... on ReserveSuccess { reservation { id } }
      }
    }"""
RESERVATION = "query Held($id: ID!) { reservation(id: $id) { state } }"


def ask(url: str, query: str, **variables: str) -> dict[str, object]:
    """The data of an operation."""
    body = {"query": query, "variables": variables}
    answer = httpx.post(f"{url}/graphql", json=body, trust_env=False)
    assert answer.status_code == 200, answer.text
    assert "errors" not in answer.json(), answer.text
    data: dict[str, object] = answer.json()["data"]
    return data


def test_the_demo_answers_a_first_query(live_hub: HubProcess) -> None:
    items = ask(live_hub.url, ITEMS)["items"]
    assert isinstance(items, dict)
    assert len(items["edges"]) == 3
    assert items["totalCount"] >= 100


def test_it_says_where_everything_is_and_that_it_is_open(live_hub: HubProcess) -> None:
    said = live_hub.output
    for path in ("/", "/control", "/graphiql", "/graphql", "/feeds/availability", "/metrics"):
        assert f"{live_hub.url}{path}\n" in said
    assert "Open access" in said
    assert "Traceback" not in said


def test_another_command_works_on_the_data_of_the_running_hub(live_hub: HubProcess) -> None:
    data = str(live_hub.folder / "data")
    audited = run_command("audit", "--json", "--data-dir", data, folder=live_hub.folder)
    assert audited.returncode == 0, audited.stderr
    assert '"clean": true' in audited.stdout


def test_a_second_hub_on_the_same_data_is_told_who_has_it(live_hub: HubProcess) -> None:
    data = str(live_hub.folder / "data")
    second = run_command("serve", "--port", "0", "--data-dir", data, folder=live_hub.folder)
    assert second.returncode == 3
    assert f"process {live_hub.process.pid}" in one_sentence(second)


def test_a_port_in_use_is_said_in_one_sentence(live_hub: HubProcess, tmp_path: Path) -> None:
    port = live_hub.url.rpartition(":")[2]
    second = run_command("demo", "--port", port, folder=tmp_path)
    assert second.returncode == 3
    assert f"Port {port}" in one_sentence(second)
    # Nothing was begun for a hub that cannot listen.
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seconds", [1.0, 1.7, 2.4])
def test_an_interrupt_during_the_start_leaves_neither_words_nor_processes(
    tmp_path: Path, seconds: float
) -> None:
    arguments = ("demo", "--pace", "0", "--port", "0", "--data-dir", str(tmp_path / "data"))
    begun = HubProcess(*arguments, folder=tmp_path, environment=clean_environment())
    try:
        # A time and no condition: wherever in its start it is then.
        time.sleep(seconds)
        assert begun.stop() in (0, 130)
        assert "Traceback" not in begun.output
    finally:
        begun.kill()


def test_a_second_start_continues_with_the_same_data(tmp_path: Path) -> None:
    arguments = ("demo", "--pace", "0", "--data-dir", str(tmp_path / "data"))
    with running_hub(*arguments, folder=tmp_path) as first:
        items = ask(first.url, ITEMS)["items"]
        assert isinstance(items, dict)
        sku = next(
            edge["node"]["sku"]
            for edge in items["edges"]
            if edge["node"]["availability"]["quantity"] > 0
        )
        held = ask(first.url, RESERVE, sku=sku)["reserve"]
        assert isinstance(held, dict)
        assert first.stop() == 0
    with running_hub(*arguments, folder=tmp_path) as second:
        again = ask(second.url, RESERVATION, id=held["reservation"]["id"])
        assert again == {"reservation": {"state": "HELD"}}
        left = ask(second.url, ITEMS)["items"]
        assert isinstance(left, dict)
        assert left["totalCount"] == items["totalCount"]
        assert left != items
        assert second.stop() == 0


def one_sentence(ended: subprocess.CompletedProcess[str]) -> str:
    """What a command said on standard error, which must be one line and no traceback."""
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.endswith(".")
    return line
