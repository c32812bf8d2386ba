"""Configuration of sources in files, as people write it: TOML, or JSON."""

import tomllib
from pathlib import Path
from typing import Any, Final

import orjson

from hub.domain.errors import InvalidInput
from hub.domain.sources import Source, source_from

MAX_BYTES: Final = 16 << 20


def read_configuration(path: Path) -> Source:
    """The source that a file describes. Raises `InvalidInput` with the path of the key that is
    wrong; what is in `options` is not checked yet."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        problem = f"has {size} bytes, which are more than {MAX_BYTES}"
        raise InvalidInput(field=path.name, problem=problem)
    return source_from(_plain(path))


def _plain(path: Path) -> Any:
    content = path.read_bytes()
    if path.suffix == ".json":
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError as error:
            raise InvalidInput(field=path.name, problem=f"is not JSON: {error}") from None
    try:
        return tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(field=path.name, problem=f"is not TOML in UTF-8: {error}") from None
    except RecursionError:
        raise InvalidInput(field=path.name, problem="is nested too deeply") from None
