"""The project's own files, as the architecture tests read them."""

import os
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
TOP_LEVEL_NAMES = ("hub", "schema", "resolvers", "workers")
NOT_OURS = {".git", ".venv", "node_modules", "dist", "build", "data", "__pycache__"}
GENERATED = {"migrations", "gql", "generated"}


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is or would be committed, relative to the project."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        names = [Path(name) for name in listed.stdout.split("\0") if name]
    else:  # an archive without its repository
        names = list(_walk())
    return tuple(sorted(name for name in names if (PROJECT / name).is_file()))


def source_files(*suffixes: str) -> list[Path]:
    """Files written by people, with one of the suffixes."""
    return [
        file
        for file in project_files()
        if file.suffix in suffixes and not GENERATED.intersection(file.parts)
    ]


def text_of(file: Path) -> str | None:
    """The file's text, or None for pictures and other binary files."""
    content = (PROJECT / file).read_bytes()
    return None if b"\0" in content else content.decode(errors="replace")


def _walk() -> Iterator[Path]:
    for folder, folders, names in os.walk(PROJECT):
        folders[:] = [name for name in folders if name not in NOT_OURS and name[-6:] != "_cache"]
        for name in names:
            yield (Path(folder) / name).relative_to(PROJECT)
