"""An installed package brings a sourcing strategy of its own by an entry point."""

from pathlib import Path

import pytest

from hub.configuration import sourcing_strategies
from hub.domain.sourcing import Demand, source

MODULE = """
def last_first(demand):
    return tuple(reversed(demand.pool))
"""
ENTRY_POINTS = "[availability_hub.sourcing]\nlast_first = night_shift:last_first\n"


def test_a_package_brings_a_strategy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "night_shift.py").write_text(MODULE)
    metadata = tmp_path / "night_shift-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: night-shift\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))

    strategies = sourcing_strategies()

    assert {"fewest_parcels", "priority", "most_stock", "nearest"} < strategies.keys()
    demand = Demand({"MUG": 3}, ("BER", "HAM"), lambda sku, location: 2, {})
    parts, missing = source(demand, strategies["last_first"])
    assert [(part.location, part.quantity) for part in parts] == [("HAM", 2), ("BER", 1)]
    assert missing == {}
