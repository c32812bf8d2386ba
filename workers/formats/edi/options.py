"""The options of an EDI source: which qualifier means what to this sender."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from hub.domain.errors import InvalidInput
from hub.domain.values import Quantity, identifier_from, quantity_from
from workers.formats.known_options import check_known
from workers.formats.times import zone_from

MAX_CODE_LENGTH: Final = 8
MAX_TRANSIT_DAYS: Final = 400


class Role(StrEnum):
    """What a quantity says of an item at a location."""

    ON_HAND = "on_hand"
    AVAILABLE = "available"
    """What is on hand and can be sold."""
    UNAVAILABLE = "unavailable"
    """On hand, but damaged, held or promised to others."""
    ON_ORDER = "on_order"
    IN_TRANSIT = "in_transit"
    IGNORED = "ignored"


class Options(NamedTuple):
    """What a source can be told of its sender's habits. The defaults differ by format."""

    sku: tuple[str, ...]
    """Qualifiers of item numbers, the first that a line has counts."""
    quantities: Mapping[str, Role]
    units: Mapping[str, Quantity]
    """How many units, in thousandths, one of a pack is."""
    packs: frozenset[str]
    """Units of measure that are refused unless `units` says how many they hold."""
    location_parties: tuple[str, ...]
    """Qualifiers of the parties (N1, NAD) that name where stock lies."""
    location_places: tuple[str, ...]
    """Qualifiers of the places (LOC) that do."""
    receiving_parties: tuple[str, ...]
    """Qualifiers of the parties that supply arrives at."""
    eta_dates: tuple[str, ...]
    """Qualifiers of dates of arrival, the first that is told counts."""
    ship_dates: tuple[str, ...]
    as_of_dates: tuple[str, ...]
    snapshot: tuple[str, ...] | bool
    """Purposes (BIA01, BGM 1225) of a document that tells of all stock; or always, or never."""
    location: str | None = None
    """The place of lines that name none, and of all supply; by default the one in the head of the
    document, else the sender, of supply the receiver."""
    time_zone: ZoneInfo = ZoneInfo("UTC")
    transit_days: int | None = None
    """From a ship date to the arrival; None leaves ship dates alone."""
    add_repeated: bool = False
    """Whether quantities of one kind, item and place are added up; otherwise they are refused."""
    refuse_counts: bool = False
    """Whether a wrong control count refuses the document; otherwise it is a warning."""
    refuse_tests: bool = False
    """Whether an interchange marked as a test is left out; otherwise it is a warning."""
    acknowledge: bool = True


def options_from(given: Mapping[str, Any], defaults: Options) -> Options:
    """The options of a source over the defaults of its format; raises `InvalidInput`."""
    check_known(given, _READERS)
    changed: dict[str, Any] = {}
    for name, value in given.items():
        field, read = _READERS[name]
        changed[field] = read(value, name)
    for name in ("quantities", "units"):
        if name in changed:
            changed[name] = {**getattr(defaults, name), **changed[name]}
    return defaults._replace(**changed)


def _codes(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or not all(map(_is_code, value)):
        raise InvalidInput(field=name, problem='must be a list of qualifiers, such as ["VP", "UP"]')
    return tuple(value)


def _is_code(value: object) -> bool:
    return isinstance(value, str) and value.isalnum() and len(value) <= MAX_CODE_LENGTH


def _roles(value: object, name: str) -> dict[str, Role]:
    roles = {role.value: role for role in Role}
    if (
        not isinstance(value, Mapping)
        or not all(map(_is_code, value))
        or not all(isinstance(role, str) and role in roles for role in value.values())
    ):
        raise InvalidInput(
            field=name, problem=f"must give qualifiers one of the meanings {', '.join(roles)}"
        )
    return {code: roles[role] for code, role in value.items()}


def _units(value: object, name: str) -> dict[str, Quantity]:
    if not isinstance(value, Mapping) or not all(map(_is_code, value)):
        raise InvalidInput(
            field=name, problem='must say how many units a pack holds, such as {"CA": 12}'
        )
    units = {code: quantity_from(held, f"{name}.{code}") for code, held in value.items()}
    for code, held in units.items():
        if held <= 0:
            raise InvalidInput(field=f"{name}.{code}", problem="must be above 0")
    return units


def _snapshot(value: object, name: str) -> tuple[str, ...] | bool:
    return value if isinstance(value, bool) else _codes(value, name)


def _location(value: object, name: str) -> str | None:
    return None if value is None else identifier_from(value, name)


def _days(value: object, name: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_TRANSIT_DAYS:
        raise InvalidInput(
            field=name, problem=f"must be a number of days from 0 to {MAX_TRANSIT_DAYS}"
        )
    return value


def _choice(first: str, second: str) -> Callable[[object, str], bool]:
    """Reads one of two words; True is the second."""

    def read(value: object, name: str) -> bool:
        if value not in (first, second):
            raise InvalidInput(field=name, problem=f"must be {first} or {second}")
        return value == second

    return read


def _flag(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise InvalidInput(field=name, problem="must be true or false")
    return value


_READERS: Final[dict[str, tuple[str, Callable[[Any, str], Any]]]] = {
    "sku": ("sku", _codes),
    "quantities": ("quantities", _roles),
    "units": ("units", _units),
    "location": ("location", _location),
    "location_parties": ("location_parties", _codes),
    "location_places": ("location_places", _codes),
    "receiving_parties": ("receiving_parties", _codes),
    "eta_dates": ("eta_dates", _codes),
    "ship_dates": ("ship_dates", _codes),
    "as_of_dates": ("as_of_dates", _codes),
    "transit_days": ("transit_days", _days),
    "time_zone": ("time_zone", zone_from),
    "snapshot": ("snapshot", _snapshot),
    "repeated_quantities": ("add_repeated", _choice("refuse", "add")),
    "counts": ("refuse_counts", _choice("warn", "refuse")),
    "tests": ("refuse_tests", _choice("read", "refuse")),
    "acknowledge": ("acknowledge", _flag),
}
