"""Secrets of sources, by the variables of the environment that hold them."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, quote_plus

from hub.domain.errors import InvalidInput

_LEAST_HIDDEN: Final = 4
"""Characters: what is shorter would hide half of every text."""


class Secrets:
    """Looks secrets up. They are never repeated."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._given: set[str] = set()

    def value(self, variable: str) -> str:
        """What a variable holds. Raises `InvalidInput` where there is none."""
        value = self._environment.get(variable)
        if not value:
            problem = f"names {variable}, which is not set where the jobs run"
            raise InvalidInput(field="fetch", problem=problem)
        self._given.add(value)
        return value

    def hidden(self, text: str) -> str:
        """A text of others without the secrets that were looked up: some servers repeat them."""
        written = {form for one in self._given for form in (one, quote(one), quote_plus(one))}
        for one in sorted(written, key=len, reverse=True):
            if len(one) >= _LEAST_HIDDEN:
                text = text.replace(one, "…")
        return text
