"""What goes out when all is well: JSON in the shapes of the GraphQL types, with honest headers."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from starlette.responses import Response

from hub.domain.availability import Availability
from hub.domain.reservations import Reservation
from hub.services.wording import text_of
from resolvers.shapes import Shapes

Json = dict[str, Any]


@cache
def shapes() -> Shapes:
    """The shapes of the API's types."""
    return Shapes(filled={"Message": ("text",)})


def availability_answer(availability: Availability, locale: str | None) -> Json:
    """The answer for one item, its message in a language."""
    answer: Json = shapes().writer("Availability")(availability)
    answer["message"]["text"] = text_of(availability.message, locale)
    return answer


def reservation_answer(reservation: Reservation) -> Json:
    """A reservation."""
    answer: Json = shapes().writer("Reservation")(reservation)
    return answer


def json_answer(
    answer: Json, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A response of JSON; nobody keeps it unless `headers` say so."""
    return Response(
        orjson.dumps(answer),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        "application/json",
    )
