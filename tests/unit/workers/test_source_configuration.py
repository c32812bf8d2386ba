"""Files of configuration: read as TOML or JSON, and refused by name where they are neither."""

from pathlib import Path

import pytest

from hub.domain.errors import InvalidInput
from hub.domain.sources import Source
from workers.sources.configuration import read_configuration


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_source_is_written_as_toml_or_json(tmp_path: Path) -> None:
    toml = written(tmp_path, "acme.toml", b'name = "acme"\nformat = "csv"\n')
    json = written(tmp_path, "acme.json", b'{"name": "acme", "format": "csv"}')
    assert read_configuration(toml) == read_configuration(json) == Source(name="acme", format="csv")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("acme.toml", b"name = acme"),
        ("acme.toml", b'name = "\xff"'),
        ("acme.toml", b"options = " + b"[" * 5_000),
        ("acme.json", b'name = "acme"'),
        ("acme.json", b"[" * 5_000),
    ],
)
def test_what_is_neither_is_refused_by_the_name_of_the_file(
    tmp_path: Path, name: str, content: bytes
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_configuration(written(tmp_path, name, content))
    assert refused.value.field == name
