"""What the guide to uploads says to send works when it is sent, and is answered as it shows."""

import asyncio
import json
import re
from asyncio.subprocess import PIPE
from datetime import UTC, datetime
from pathlib import Path

from hub.bootstrap import Services
from hub.domain.sources import source_from
from tests.conftest import PROJECT
from tests.integration.rest.test_guide import holds
from tests.integration.serving import served
from tests.integration.shop import CLERK
from workers.demo.seed import seed
from workers.ingest import Ingest
from workers.uploads import Uploads

GUIDE = PROJECT / "docs" / "guides" / "upload-files.md"
STEP = re.compile(r"```sh\n(.*?)```\s+```json\n(.*?)```", re.DOTALL)
NORDLAGER = {
    "name": "nordlager",
    "format": "csv",
    "locations": {"names": {"Lager 1": "BER"}},
    "skus": {"strip_prefix": "nl-", "case": "upper"},
}


async def test_the_commands_of_the_guide_are_answered_as_it_says(
    services: Services, tmp_path: Path
) -> None:
    await seed(services, datetime.now(UTC))
    await services.sources.put(CLERK, source_from(NORDLAGER))
    steps = STEP.findall(GUIDE.read_text())
    assert len(steps) == 3
    stop = asyncio.Event()
    working = asyncio.create_task(Ingest(services).run(stop))
    async with served(services) as client:
        address = str(client.base_url).rstrip("/")
        for number, (command, shown) in enumerate(steps):
            shell = await asyncio.create_subprocess_exec(
                *("bash", "-euc", command.replace("http://localhost:8000", address)),
                cwd=tmp_path,
                stdout=PIPE,
                stderr=PIPE,
            )
            said, complained = await shell.communicate()
            assert shell.returncode == 0, complained.decode()
            assert holds(json.loads(shown), json.loads(said)), (command, said)
            if number == 0:
                await Uploads(services).take_in(b"1")
    stop.set()
    await working
