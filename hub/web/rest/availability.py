"""Availability: of one item by its address, of many by one request."""

from typing import Annotated, ClassVar

from pydantic import Field, TypeAdapter
from starlette.responses import Response

from hub.domain.availability import Availability
from hub.domain.errors import UnknownChannel, UnknownSku
from hub.domain.principal import AccessScope
from hub.domain.values import identifier_from
from hub.web.rest.answers import availability_answer, json_answer
from hub.web.rest.conditions import availability_tag, revalidated
from hub.web.rest.inputs import Identifier, Input, QuantityAboveZero
from hub.web.rest.operations import Answer, Body, Call, Operation
from resolvers.inputs import asked_quantity, skus_from
from schema.scope import scope_from

Locale = Annotated[str, Field(max_length=64)]


class Asked(Input):
    """What the answer shall hold for."""

    described_as: ClassVar[str] = "ScopeInput"
    channel: Identifier | None = Field(None, examples=["web-eu"])
    destination: Identifier | None = Field(None, examples=["DE"])
    holder: Identifier | None = Field(None, examples=["cart-1"])
    quantity: QuantityAboveZero = Field(
        1,
        validate_default=True,
        description="Units to ask for, above 0; 1 where missing.",
        examples=[2],
    )
    locale: Locale | None = Field(
        None,
        description="Language of the message as a BCP 47 tag, such as `de` or `en-GB`; English "
        "where it is missing or unknown.",
        examples=["de"],
    )


class AvailabilityQuery(Asked):
    """The parameters of a question for one item."""


class AvailabilityOfMany(Asked):
    """A question for many items."""

    skus: list[Identifier] = Field(
        min_length=1, fail_fast=True, description="The items to ask for: 1 to 250."
    )


async def read_one(call: Call) -> Response:
    """The answer for one item; 304 where the reader has it already."""
    asked: AvailabilityQuery = call.query
    sku = identifier_from(call.path["sku"], "sku")
    (found,) = await _answers(call, [sku], asked)
    answer = availability_answer(found, asked.locale)
    return revalidated(answer, availability_tag(answer), call.headers)


async def read_many(call: Call) -> Response:
    """The answers for many items, in their order."""
    asked: AvailabilityOfMany = call.body
    found = await _answers(call, skus_from(call.context, asked.skus), asked)
    return json_answer({"availability": [availability_answer(one, asked.locale) for one in found]})


async def _answers(call: Call, skus: list[str], asked: Asked) -> list[Availability]:
    scope = scope_from(call.context, asked.channel, asked.destination, asked.holder)
    found = await call.services.lookup.availability(
        call.principal, skus, scope, asked_quantity(asked.quantity)
    )
    unknown = [sku for sku in skus if sku not in found]
    if unknown:
        raise UnknownSku(skus=unknown)
    return [found[sku] for sku in skus]


OPERATIONS = (
    Operation(
        id="getAvailability",
        method="GET",
        path="/availability/{sku}",
        tag="Availability",
        summary="Can I have it, how many, when?",
        description="The availability of one item in one channel. Send the ETag back as "
        "`If-None-Match`, and as long as the answer is the same you get 304 and no body; `asOf`, "
        "the moment of asking, is no part of that.",
        scope=AccessScope.AVAILABILITY_READ,
        handle=read_one,
        answer=Answer(200, "The answer.", "Availability", tagged=True),
        refusals=(UnknownSku, UnknownChannel),
        query=AvailabilityQuery,
        condition="If-None-Match",
        path_example="MUG-FJORD-MOSS",
    ),
    Operation(
        id="getAvailabilityOfMany",
        method="POST",
        path="/availability",
        tag="Availability",
        summary="The same for up to 250 items at once",
        description="The availability of each of the skus, in their order, for one scope and "
        "quantity. It changes nothing: it is a POST because addresses have an end.",
        scope=AccessScope.AVAILABILITY_READ,
        handle=read_many,
        answer=Answer(200, "The answers, in the order of the skus.", "AvailabilityList"),
        refusals=(UnknownSku, UnknownChannel),
        body=Body(
            TypeAdapter(AvailabilityOfMany),
            {
                "two items": {
                    "skus": ["MUG-FJORD-MOSS", "MUG-FJORD-OAT"],
                    "channel": "web-eu",
                    "quantity": 2,
                    "locale": "de",
                }
            },
        ),
    ),
)
