"""Pages of the services as Relay connections."""

from typing import Annotated, Any

import strawberry

from hub.services.catalogue import Page
from schema.pages import PageInfo

First = Annotated[int, strawberry.argument(description="How many at most: 1 to 100.")]
After = Annotated[
    str | None, strawberry.argument(description="Continue behind this cursor; null starts anew.")
]


def page_info_of(page: Page[Any], after: str | None) -> PageInfo:
    """Whether and where the list goes on."""
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=after is not None,
        start_cursor=page.cursors[0] if page.cursors else None,
        end_cursor=page.cursors[-1] if page.cursors else None,
    )


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
