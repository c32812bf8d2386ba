"""Dead letters: asked for, put back, edited and discarded."""

from typing import Annotated, Any

import strawberry
from strawberry import ID

from hub.domain import dead_letters as domain
from resolvers.pages import After, First, page_info_of
from schema.context import Info
from schema.costs import PAGE
from schema.dead_letter_mutations import (
    DiscardDeadLetterInput,
    DiscardDeadLetterResult,
    DiscardDeadLettersInput,
    DiscardDeadLettersResult,
    DiscardDeadLettersSuccess,
    DiscardDeadLetterSuccess,
    EditDeadLetterInput,
    EditDeadLetterResult,
    EditDeadLetterSuccess,
    RequeueDeadLetterInput,
    RequeueDeadLetterResult,
    RequeueDeadLettersInput,
    RequeueDeadLettersResult,
    RequeueDeadLettersSuccess,
    RequeueDeadLetterSuccess,
)
from schema.dead_letters import (
    DeadLetter,
    DeadLetterConnection,
    DeadLetterEdge,
    DeadLetterFilter,
)
from schema.intake_enums import LetterState


def _given(description: str) -> Any:
    return strawberry.argument(name="input", description=description)


@strawberry.type(description="What can be asked of dead letters.")
class DeadLetterQueries:
    """What can be asked of dead letters."""

    @strawberry.field(
        description="Events from outside that could not be worked, the newest first; by `state` "
        "also those that are no dead letters any more. Needs the scope `events:ingest`.",
        directives=[PAGE],
    )
    async def dead_letters(
        self,
        info: Info,
        first: First = 50,
        after: After = None,
        where: Annotated[
            DeadLetterFilter | None,
            strawberry.argument(name="filter", description="Which ones; all if missing."),
        ] = None,
        state: Annotated[
            list[LetterState] | None,
            strawberry.argument(
                description="Where they stand; DEAD if missing. In other states there are those "
                "that were dead letters once, for as long as the inbox keeps them."
            ),
        ] = None,
    ) -> DeadLetterConnection:
        """Events from outside that could not be worked."""
        context = info.context
        sought = domain.SoughtLetters() if where is None else where.sought()
        states = state or (domain.LetterState.DEAD,)
        page = await context.services.intake.letters.page(
            context.principal, sought, first, after, states
        )
        edges = [
            DeadLetterEdge(cursor=cursor, node=node)
            for cursor, node in zip(page.cursors, page.nodes, strict=True)
        ]
        return DeadLetterConnection(edges=edges, page_info=page_info_of(page, after))

    @strawberry.field(
        graphql_type=DeadLetter | None,
        description="The dead letter with this id, also when it was put back or discarded since; "
        "null if there is none. Needs the scope `events:ingest`.",
    )
    async def dead_letter(
        self, info: Info, id: Annotated[ID, strawberry.argument(description="The dead letter.")]
    ) -> domain.DeadLetter | None:
        """The dead letter with this id."""
        context = info.context
        return await context.services.intake.letters.by_id(context.principal, id)


@strawberry.type(description="What can be done with dead letters.")
class DeadLetterMutations:
    """What can be done with dead letters."""

    @strawberry.mutation(
        graphql_type=RequeueDeadLetterResult,
        description="Have a dead letter worked again, as it is. Needs the scope `admin`.",
    )
    async def requeue_dead_letter(
        self, info: Info, given: Annotated[RequeueDeadLetterInput, _given("Which one.")]
    ) -> RequeueDeadLetterSuccess:
        """Have a dead letter worked again, as it is."""
        context = info.context
        letter = await context.services.intake.letters.requeue(
            context.principal, given.id, given.idempotency_key
        )
        return RequeueDeadLetterSuccess(dead_letter=letter)

    @strawberry.mutation(
        graphql_type=EditDeadLetterResult,
        description="Have a dead letter worked by another payload. Needs the scope `admin`.",
    )
    async def edit_dead_letter(
        self, info: Info, given: Annotated[EditDeadLetterInput, _given("Which one, and how.")]
    ) -> EditDeadLetterSuccess:
        """Have a dead letter worked by another payload."""
        context = info.context
        letter = await context.services.intake.letters.edit(
            context.principal, given.id, given.payload, given.idempotency_key
        )
        return EditDeadLetterSuccess(dead_letter=letter)

    @strawberry.mutation(
        graphql_type=DiscardDeadLetterResult,
        description="Decide that a dead letter is never worked. Needs the scope `admin`.",
    )
    async def discard_dead_letter(
        self, info: Info, given: Annotated[DiscardDeadLetterInput, _given("Which one, and why.")]
    ) -> DiscardDeadLetterSuccess:
        """Decide that a dead letter is never worked."""
        context = info.context
        letter = await context.services.intake.letters.discard(
            context.principal, given.id, given.reason, given.idempotency_key
        )
        return DiscardDeadLetterSuccess(dead_letter=letter)

    @strawberry.mutation(
        graphql_type=RequeueDeadLettersResult,
        description="Have many dead letters worked again, as they are. Needs the scope `admin`.",
    )
    async def requeue_dead_letters(
        self, info: Info, given: Annotated[RequeueDeadLettersInput, _given("Which ones.")]
    ) -> RequeueDeadLettersSuccess:
        """Have many dead letters worked again, as they are."""
        context = info.context
        done = await context.services.intake.letters.requeue_many(
            context.principal, given.filter.sought(), given.most, given.idempotency_key
        )
        return RequeueDeadLettersSuccess(count=done.done, left=done.left)

    @strawberry.mutation(
        graphql_type=DiscardDeadLettersResult,
        description="Decide that many dead letters are never worked. Needs the scope `admin`.",
    )
    async def discard_dead_letters(
        self, info: Info, given: Annotated[DiscardDeadLettersInput, _given("Which, and why.")]
    ) -> DiscardDeadLettersSuccess:
        """Decide that many dead letters are never worked."""
        context = info.context
        done = await context.services.intake.letters.discard_many(
            context.principal,
            given.filter.sought(),
            given.most,
            given.reason,
            given.idempotency_key,
        )
        return DiscardDeadLettersSuccess(count=done.done, left=done.left)
