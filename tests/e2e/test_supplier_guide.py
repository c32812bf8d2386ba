"""The guide takes a supplier from a file to live stock, line by line as it stands there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.processes import PROJECT, HubProcess, run_command

GUIDE = PROJECT / "docs" / "guides" / "onboard-a-supplier.md"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HUB = "availability-hub "


def told(feed: Iterator[str], kind: str) -> int:
    """The quantity of the next event of this kind that a feed tells."""
    line = next(line for line in feed if f'"kind":"{kind}"' in line)
    quantity = re.search(r'"quantity":(\d+)', line)
    assert quantity is not None
    return int(quantity[1])


@pytest.mark.slow
def test_a_supplier_goes_live_as_the_guide_says(live_hub: HubProcess, tmp_path: Path) -> None:
    said: list[str] = []
    codes: list[int] = []
    feed: Iterator[str] = iter(())
    before = 0
    with httpx.Client(base_url=live_hub.url, trust_env=False) as http:
        for language, text in BLOCK.findall(GUIDE.read_text()):
            if language in ("csv", "toml"):
                with (tmp_path / f"nordlager.{language}").open("a") as file:
                    file.write(text)
            elif language == "" and said:
                printed = [line.rstrip() for line in said[-1].splitlines()]
                assert set(text.splitlines()) <= set(printed), said[-1]
            for command in text.splitlines() if language == "sh" else ():
                if command.startswith("curl"):
                    path = command.split("localhost:8000")[1].rstrip("'")
                    asked = http.build_request("GET", path)
                    feed = http.send(asked, stream=True).iter_lines()
                    before = told(feed, "SNAPSHOT")
                elif not command.startswith(HUB + "demo"):
                    arguments = shlex.split(command.removeprefix(HUB))
                    ended = run_command(
                        *arguments, folder=tmp_path, HUB_DATA_DIR=str(live_hub.folder / "data")
                    )
                    said.append(ended.stdout)
                    codes.append(ended.returncode)
        assert codes == [1, 0, 0, 0]
        # 84 on hand before, then 42, of which 2 are blocked.
        assert before - told(feed, "CHANGE") == 84 - (42 - 2)
