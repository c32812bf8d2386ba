"""Pages of the services as Relay connections."""

from typing import Any

import strawberry

from schema.pages import After, First, Resumed, page_info_of

__all__ = ["After", "First", "Resumed", "page_info_of", "selects"]


def selects(info: strawberry.Info[Any, Any], name: str) -> bool:
    """Whether the query asks for the field `name` of what this field returns."""
    # The field may be asked for in several places, as by fragments that know nothing of each other.
    return any(_among(place.selections, name) for place in info.selected_fields)


def _among(selections: list[Any], name: str) -> bool:
    return any(
        selection.name == name
        if isinstance(selection, strawberry.types.nodes.SelectedField)
        else _among(selection.selections, name)
        for selection in selections
    )
