"""The schemas of the document: the types of the API, cut to what events really hold."""

from collections.abc import Mapping
from typing import Any, Final

from hub.web.rest.answers import Json, shapes

SCHEMAS: Final = "#/components/schemas/"


def name_of(type_: str, part: str) -> str:
    """The name in the document of a part of the events of a type, such as `StockSetEvent`."""
    return "".join(word.title() for word in type_.split(".")) + part


def told_name(shape: str) -> str:
    """The name in the document of what is told of a type of the API."""
    return f"{shape}Told"


def cut_shapes(samples: Mapping[str, Json]) -> Json:
    """The types of the API that are named, each with the fields that a sample of it has, and all
    that they are made of."""
    shaped = shapes().definitions(tuple(samples))
    into: Json = {}
    for name, sample in samples.items():
        _Cutting(shaped, name, into).cut(name, told_name(name), sample)
    return into


class _Cutting:
    """Puts one type into the document. What it is made of is its own there: another type may have
    more or less of the same."""

    def __init__(self, shaped: Json, root: str, into: Json) -> None:
        self._shaped = shaped
        self._root = root
        self._into = into

    def cut(self, name: str, as_name: str, sample: Mapping[str, Any]) -> None:
        whole = self._shaped[name]
        self._into[as_name] = {
            "type": "object",
            "description": whole["description"],
            "properties": {
                field: self._pointed(whole["properties"][field], value)
                for field, value in sample.items()
            },
            "required": list(sample),
        }

    def _pointed(self, described: Json, value: Any) -> Json:
        """A field, pointing to what is in the document."""
        if "anyOf" in described:
            return {**described, "anyOf": [self._pointed(one, value) for one in described["anyOf"]]}
        if "items" in described:
            return {
                **described,
                "items": self._pointed(described["items"], value[0] if value else None),
            }
        if "$ref" not in described:
            return described
        name = described["$ref"].rpartition("/")[2]
        if "properties" not in self._shaped[name]:
            self._into[name] = self._shaped[name]
            return described
        as_name = name if name.startswith(self._root) else f"{self._root}{name}"
        if as_name not in self._into:
            # Where the sample has none of it, all that the API has.
            every = dict.fromkeys(self._shaped[name]["properties"])
            self.cut(name, as_name, every if value is None else value)
        return {**described, "$ref": SCHEMAS + as_name}
