"""Who may import whom."""

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.project_files import PROJECT, TOP_LEVEL_NAMES, source_files

WHERE_TRANSACTIONS_BEGIN = Path("hub/store/transactions.py")


def test_the_import_contracts_are_kept() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [program, "--no-cache", "--no-logo"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_domain_imports_only_the_standard_library_and_itself() -> None:
    foreign = {
        f"{file} imports {module}"
        for file in source_files(".py")
        if file.is_relative_to("hub/domain")
        for module in imported_modules(file)
        if module.partition(".")[0] not in sys.stdlib_module_names
        and not module.startswith("hub.domain")
    }
    assert foreign == set()


@pytest.mark.parametrize("name", TOP_LEVEL_NAMES)
def test_our_top_level_names_are_ours(name: str) -> None:
    """`schema` is also the name of a package on PyPI."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    folders = [Path(folder) for folder in spec.submodule_search_locations or []]
    assert folders == [PROJECT / name]


def test_transactions_begin_in_one_place_only() -> None:
    """A task cancelled inside a bare `in_transaction` leaks its connection from the pool."""
    offenders = {
        f"{file}:{node.lineno}"
        for file in source_files(".py")
        if file != WHERE_TRANSACTIONS_BEGIN
        for node in ast.walk(parse(file))
        if (isinstance(node, ast.Name) and node.id == "in_transaction")
        or (isinstance(node, ast.Attribute) and node.attr == "in_transaction")
    }
    assert offenders == set()


def imported_modules(file: Path) -> Iterator[str]:
    for node in ast.walk(parse(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "hub.domain" if not node.level else "hub.domain"


def parse(file: Path) -> ast.Module:
    return ast.parse((PROJECT / file).read_text(), filename=str(file))
