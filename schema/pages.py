"""What all lists share: Relay's page information."""

import strawberry


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
        description="The place of the last entry, to give as `after`; null where it is empty."
    )
