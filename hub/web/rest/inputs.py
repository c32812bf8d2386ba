"""What comes in: bodies, parameters and headers, checked by the models that the OpenAPI document
is written from. What is wrong is named by its path, such as `lines[0].quantity`.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, TypeVar

import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetJsonSchemaHandler,
    Strict,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError
from starlette.datastructures import Headers

from hub.domain.errors import InvalidInput
from hub.domain.values import (
    MAX_IDENTIFIER_LENGTH,
    MAX_QUANTITY,
    MAX_TEXT_LENGTH,
    UNIT,
    identifier_from,
    quantity_from,
    text_from,
    time_from,
)
from hub.services.requests import MAX_KEY_LENGTH
from hub.web.request_head import media_type_of
from hub.web.rest.answers import shapes
from hub.web.rest.problems import RestProblem

MAX_FAULTS: Final = 100
"""So many are looked at to tell the first."""

Read = TypeVar("Read")


def _by(read: Callable[[object, str], Read]) -> BeforeValidator:
    """Reads a value as the hub does everywhere, and lets pydantic say where it stood."""

    def checked(value: object) -> Read:
        try:
            return read(value, "")
        except InvalidInput as refusal:
            raise PydanticCustomError("hub", "{problem}", {"problem": refusal.problem}) from None

    return BeforeValidator(checked)


def _units(sign: str, **least: int) -> WithJsonSchema:
    """Units as they are sent: a number or a string, exact either way."""
    number = {"type": "number", **least, "maximum": MAX_QUANTITY // UNIT}
    text = {"type": "string", "pattern": rf"^{sign}[0-9]{{1,9}}(\.[0-9]{{1,3}})?$"}
    return WithJsonSchema(
        {"description": "Units, with at most 3 decimals.", "anyOf": [number, text]}
    )


# Held as thousandths. What may be 0 or less is for the services to say; readers are told here.
Quantity = Annotated[int, _by(quantity_from), _units("-?", minimum=-MAX_QUANTITY // UNIT)]
QuantityAboveZero = Annotated[int, _by(quantity_from), _units("", exclusiveMinimum=0)]
Identifier = Annotated[
    str,
    _by(identifier_from),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_IDENTIFIER_LENGTH}),
]
Time = Annotated[
    datetime, _by(time_from), WithJsonSchema({"type": "string", "format": "date-time"})
]
Text = Annotated[
    str,
    _by(text_from),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_TEXT_LENGTH}),
]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]


class Input(BaseModel):
    """A JSON object or the parameters of a query. Names that it does not know are refused: a
    misspelt one would otherwise be taken for one left out."""

    described_as: ClassVar[str | None] = None
    """The GraphQL type whose fields say what these mean."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The JSON Schema, with descriptions."""
        described = handler.resolve_ref_schema(handler(core))
        told = shapes().descriptions(cls.described_as) if cls.described_as else {}
        for name, of_field in described.get("properties", {}).items():
            of_field.pop("title", None)
            if of_field.get("default", ...) is None:
                del of_field["default"]
            if name in told:
                of_field["description"] = told[name]
        return described

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, frozen=True)


def body_from(body: bytes, headers: Headers, adapter: TypeAdapter[Read]) -> Read:
    """The body of a request. Raises `RestProblem` with 415 or 400 for what is no JSON, and
    `InvalidInput`."""
    media_type = media_type_of(headers.get("content-type", ""))
    if media_type != "application/json" or "content-encoding" in headers:
        raise RestProblem("UNSUPPORTED_MEDIA_TYPE")
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RestProblem("NOT_JSON") from None
    return checked(sent, adapter, "body")


def checked(sent: Any, adapter: TypeAdapter[Read], whole: str) -> Read:
    """What was sent as the model has it; raises `InvalidInput` with the path of the first fault,
    `whole` where it is not in a part."""
    try:
        return adapter.validate_python(sent, by_alias=True)
    except ValidationError as error:
        if error.error_count() > MAX_FAULTS:
            # To write them all down, of which one is told, would take seconds.
            problem = f"has {error.error_count()} faults, most likely names that nobody knows"
            raise InvalidInput(field=whole, problem=problem) from None
        first = error.errors(include_url=False, include_context=False)[0]
        problem = first["msg"][0].lower() + first["msg"][1:]
        names_field = first["type"] in ("missing", "extra_forbidden")
        path = _path(first["loc"], set(choices_of(adapter.core_schema)), names_field=names_field)
        raise InvalidInput(field=path or whole, problem=problem) from None


def _path(location: tuple[int | str, ...], choices: set[str], *, names_field: bool) -> str:
    """`lines[0].quantity`. Where one of several models was chosen, pydantic's location also has
    the name of the choice, which stands nowhere in what was sent. `names_field` where the last
    part is a name in any case, be it one that only the sender knows."""
    path = ""
    for place, part in enumerate(location, 1):
        if isinstance(part, int):
            path += f"[{part}]"
        elif part not in choices or (names_field and place == len(location)):
            path += f".{part}"
    return path.removeprefix(".")


def choices_of(core: Any) -> Iterator[str]:
    """The names of choices among models. No field is called like one of them."""
    if isinstance(core, dict):
        if core.get("type") == "tagged-union":
            yield from core["choices"]
        for part in core.values():
            yield from choices_of(part)
    elif isinstance(core, list):
        for part in core:
            yield from choices_of(part)


_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\["\\])*)"')


def idempotency_key_from(header: str | None) -> str | None:
    """The key of the header `Idempotency-Key`: a string in quotes as its draft has it, or bare as
    most clients send it. Raises `InvalidInput`."""
    if header is None:
        return None
    quoted = _QUOTED.fullmatch(header.strip())
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else header.strip()
    if not 1 <= len(key) <= MAX_KEY_LENGTH or (not quoted and '"' in key):
        raise InvalidInput(
            field="Idempotency-Key",
            problem=f'must be 1 to {MAX_KEY_LENGTH} characters in quotes, such as "cart-1"',
        )
    return key
