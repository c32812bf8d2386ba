"""Pages of the services as Relay connections."""

from typing import Any

import strawberry

from schema.pages import After, First, page_info_of

__all__ = ["After", "First", "page_info_of", "selects"]


def selects(info: strawberry.Info[Any, Any], name: str) -> bool:
    """Whether the query asks for the field `name` of what this field returns."""
    return _among(info.selected_fields[0].selections, name)


def _among(selections: list[Any], name: str) -> bool:
    return any(
        selection.name == name
        if isinstance(selection, strawberry.types.nodes.SelectedField)
        else _among(selection.selections, name)
        for selection in selections
    )
