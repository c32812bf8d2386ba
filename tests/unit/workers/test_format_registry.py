"""Every format that there is can be named by a source."""

import ast
import importlib
import pkgutil
import re
from typing import Final

import workers.formats
from tests.architecture.project_files import PROJECT
from workers.formats.reading import Format
from workers.formats.registry import FORMATS, OPTION_CHECKS

PAGES: Final = (PROJECT / "docs" / "formats.md", *(PROJECT / "docs" / "formats").glob("*.md"))
_TELLING: Final = {
    *("warning", "failure", "error", "refused", "say"),
    *("Unfit", "Flaw", "BrokenRow", "Finding", "_finding", "_differs"),
}
"""What is called with the code of a finding."""


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


def test_every_format_has_its_section_in_the_documentation() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    sections = " ".join(line for line in text.splitlines() if line.startswith("#"))
    for name in FORMATS:
        assert f"`{name}`" in text, name
        assert re.sub("[^a-z0-9]", "", name.split("-")[0].split("_")[0]) in sections.lower(), name


def test_every_code_of_a_finding_is_documented() -> None:
    codes: set[str] = set()
    for path in (PROJECT / "workers" / "formats").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            called = getattr(node, "func", None)
            if isinstance(node, ast.Call) and getattr(called, "id", None) in _TELLING:
                texts = (str(one.value) for one in node.args[:2] if isinstance(one, ast.Constant))
                codes |= {one for one in texts if re.fullmatch("[A-Z][A-Z_]+", one)}
    assert {"BAD_JSON", "NOT_A_NUMBER", "CONTROL_COUNT", "NO_STOCK"} <= codes
    text = "\n".join(page.read_text() for page in PAGES)
    assert {one for one in codes if f"`{one}`" not in text} == set()
