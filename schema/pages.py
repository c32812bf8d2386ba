"""What all lists share, Relay's page information, and what all subscriptions that resume do."""

from typing import Annotated, Any

import strawberry

from hub.services.catalogue import Page

First = Annotated[int, strawberry.argument(description="How many at most: 1 to 100.")]
After = Annotated[
    str | None, strawberry.argument(description="Continue behind this cursor; null starts anew.")
]
Resumed = Annotated[
    str | None,
    strawberry.argument(
        description="The `cursor` of an event seen before, to be told only what has changed since: "
        "the first event is then RECOVERED or, where that can not be told any more, RESET with "
        "everything. Null starts with a SNAPSHOT."
    ),
]


@strawberry.type(description="Whether and where a list goes on, as Relay has it.")
class PageInfo:
    """Whether and where a list goes on."""

    has_next_page: bool = strawberry.field(description="Whether there is more behind this page.")
    has_previous_page: bool = strawberry.field(
        description="Whether there is more before this page."
    )
    start_cursor: str | None = strawberry.field(
        description="The place of the first entry; null where the page is empty."
    )
    end_cursor: str | None = strawberry.field(
        description="The place to give as `after` for the next page: of the last entry or, where a"
        " page is shorter than asked though more may follow, of the last item that was looked at;"
        " null where the list is empty."
    )


def page_info_of(page: Page[Any], after: str | None) -> PageInfo:
    """Whether and where the list goes on."""
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=after is not None,
        start_cursor=page.cursors[0] if page.cursors else None,
        end_cursor=page.stopped_at or (page.cursors[-1] if page.cursors else None),
    )
