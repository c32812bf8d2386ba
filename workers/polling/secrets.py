"""Secrets of sources, by the variables of the environment that hold them."""

from collections.abc import Mapping

from hub.domain.errors import InvalidInput


class Secrets:
    """Looks secrets up. They are never repeated."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def value(self, variable: str) -> str:
        """What a variable holds. Raises `InvalidInput` where there is none."""
        value = self._environment.get(variable)
        if not value:
            problem = f"names {variable}, which is not set where the jobs run"
            raise InvalidInput(field="fetch", problem=problem)
        return value
