"""Nothing in the project depends on the machine it was written on."""

import json
import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.project_files import PROJECT, project_files, text_of

THIS_FILE = Path(__file__).resolve().relative_to(PROJECT)
MACHINE_PATH = re.compile(
    r"(?<![\w.~/-])(?:/(?:work|root|farm)/|/(?:home|Users)/\w|/opt/(?:pypi|wheels)|/tmp/tmp\w{6})"
)
REGISTRY_ADDRESS = re.compile(
    r"registry\.npmjs\.org|registry\.yarnpkg\.com|files\.pythonhosted\.org|pypi\.org/simple"
    r"|--(?:extra-)?index-url|--find-links|\"resolved\":\s*\"http"
)


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert places_of(MACHINE_PATH) == []


def test_no_file_names_a_package_registry() -> None:
    assert places_of(REGISTRY_ADDRESS) == []


def test_the_constraints_are_exact_versions_and_nothing_else() -> None:
    lines = (PROJECT / "constraints.txt").read_text().splitlines()
    assert lines
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def test_the_pinned_versions_keep_every_floor_of_the_project() -> None:
    """Floors are where security fixes are written down."""
    pinned = dict(
        line.split("==") for line in (PROJECT / "constraints.txt").read_text().splitlines()
    )
    versions = {canonicalize_name(name): version for name, version in pinned.items()}
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    for requirement in (Requirement(line) for group in groups for line in group):
        version = versions[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} but {version} is pinned"


def places_of(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{file}:{number}"
        for file in project_files()
        if file != THIS_FILE
        for number, line in enumerate((text_of(file) or "").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_the_storefront_builds_with_what_a_demo_installs() -> None:
    # `make demo` leaves out the packages for development.
    storefront = PROJECT / "frontend-demo"
    installed = json.loads((storefront / "package.json").read_text())["dependencies"]
    imported = re.findall(r'from "([^"./][^"]*)"', (storefront / "vite.config.ts").read_text())
    assert imported
    assert set(imported) <= installed.keys()
