"""What the guide says to send works when it is sent, and is answered as it shows."""

import asyncio
import json
import re
from asyncio.subprocess import PIPE
from datetime import UTC, datetime
from typing import Any

from hub.bootstrap import Services
from tests.conftest import PROJECT
from tests.integration.serving import served
from workers.demo.seed import seed

GUIDE = PROJECT / "docs" / "guides" / "use-rest.md"
STEP = re.compile(r"```sh\n(.*?)```(?:\s+```json\n(.*?)```)?", re.DOTALL)
MARK = "\n--- the next step\n"


def holds(shown: Any, told: Any) -> bool:
    """Whether all that the guide shows is in the answer."""
    if isinstance(shown, dict):
        return all(name in told and holds(part, told[name]) for name, part in shown.items())
    if isinstance(shown, list):
        return len(shown) == len(told) and all(map(holds, shown, told))
    return bool(shown == told)


async def test_the_commands_of_the_guide_are_answered_as_it_says(services: Services) -> None:
    await seed(services, datetime.now(UTC))
    steps = STEP.findall(GUIDE.read_text())
    async with served(services) as client:
        address = str(client.base_url).rstrip("/")
        script = f"printf '{MARK}'\n".join(command for command, _ in steps)
        shell = await asyncio.create_subprocess_exec(
            *("bash", "-euc", script.replace("http://localhost:8000", address)),
            stdout=PIPE,
            stderr=PIPE,
        )
        said, complained = await shell.communicate()
    assert shell.returncode == 0, complained.decode()
    answers = said.decode().split(MARK)
    assert len(answers) == len(steps) == 9
    for (command, shown), told in zip(steps, answers, strict=True):
        if shown:
            assert holds(json.loads(shown), json.loads(told)), (command, told)
    assert [one["sku"] for one in json.loads(answers[1])["availability"]] == [
        "MUG-FJORD-MOSS",
        "MUG-FJORD-OAT",
    ]
    assert answers[2] == "304"
