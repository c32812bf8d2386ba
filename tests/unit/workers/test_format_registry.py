"""Every format that there is can be named by a source."""

import importlib
import pkgutil

import workers.formats
from workers.formats.reading import Format
from workers.formats.registry import FORMATS, OPTION_CHECKS


def _all_of(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def test_every_format_is_registered_under_a_name_of_its_own() -> None:
    found: dict[str, Format] = {}
    for module in pkgutil.walk_packages(workers.formats.__path__, "workers.formats."):
        if not module.name.endswith(".registry"):
            for value in vars(importlib.import_module(module.name)).values():
                for one in (value,) if isinstance(value, Format) else _all_of(value):
                    if isinstance(one, Format):
                        assert found.setdefault(one.name, one) is one, one.name
    assert found == FORMATS
    assert "csv" in found
    assert {name: one.check for name, one in found.items()} == OPTION_CHECKS
