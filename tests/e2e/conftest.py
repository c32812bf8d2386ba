"""A running hub for tests that see it from outside."""

from collections.abc import Iterator

import pytest

from tests.e2e.processes import HubProcess, running_hub


@pytest.fixture(scope="module")
def live_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """The demo on its own embedded database, with nobody who buys anything by himself; at the end
    it is interrupted as by Ctrl-C and must end cleanly."""
    folder = tmp_path_factory.mktemp("live-hub")
    arguments = ("demo", "--pace", "0", "--data-dir", str(folder / "data"))
    with running_hub(*arguments, folder=folder) as hub_process:
        yield hub_process
        assert hub_process.stop() == 0, hub_process.output
        assert "Stopping" in hub_process.output
