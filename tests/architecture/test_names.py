"""Names say what a file owns, and nothing is left for later inside the code."""

import re

from tests.architecture.project_files import source_files, text_of

SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
# Spelled so that this file does not find itself.
LEFT_FOR_LATER = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b")


def test_no_file_has_a_name_that_says_nothing() -> None:
    offenders = {
        str(file)
        for file in source_files(".py", ".ts", ".tsx")
        for word in re.split(r"[_.-]", file.name.lower())
        if word in SAYS_NOTHING
    }
    assert offenders == set()


def test_every_folder_of_tests_is_a_package() -> None:
    """Otherwise `tests/schema` would be imported in place of our `schema`."""
    folders = {file.parent for file in source_files(".py") if file.parts[0] == "tests"}
    packages = {file.parent for file in source_files(".py") if file.name == "__init__.py"}
    assert folders - packages == set()


def test_work_that_is_left_stands_in_issues_and_not_in_the_code() -> None:
    suffixes = (".py", ".ts", ".tsx", ".css", ".html", ".sql", ".sh", ".toml", ".md", "")
    offenders = {
        f"{file}:{number}"
        for file in source_files(*suffixes)
        for number, line in enumerate((text_of(file) or "").splitlines(), start=1)
        if LEFT_FOR_LATER.search(line)
    }
    assert offenders == set()
