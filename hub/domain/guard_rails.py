"""What makes a snapshot unbelievable: limits on how much of a source may change at once.

Pure: the evidence is gathered elsewhere, before anything of the snapshot is applied.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from hub.domain.errors import InvalidInput
from hub.domain.values import UNIT, Quantity, quantity_text


class GuardRails(NamedTuple):
    """The limits of a source. One that is None is off."""

    zeroed_share: float | None = 0.3
    """Of the items that the source has in stock, so many may go to nothing."""
    total_drop_share: float | None = 0.5
    """By so much may the sum of all units sink."""
    jump_factor: float | None = 100.0
    """So many times what it was may an item have."""
    unknown_share: float | None = 0.1
    """So many of the rows may name items that do not exist."""
    days_out_of_order: float | None = 2.0
    """So many days may it be older than the newest snapshot of the source."""
    from_items: int = 5
    """Shares are looked at from so many affected items on: half of two items is no sign."""
    jump_from: Quantity = 10 * UNIT
    """Jumps are looked at from so many units on: of one piece a hundred is a delivery."""


class Evidence(NamedTuple):
    """What a snapshot would do, before it does."""

    rows: int = 0
    in_stock: int = 0
    """Positions with units on hand that it counts, or leaves out."""
    zeroed: int = 0
    """Of those, how many would have none."""
    total_before: Quantity = 0
    """Units on hand of the positions that it would change."""
    total_after: Quantity = 0
    jumped: int = 0
    """Positions that would have more than `jump_factor` times what they have."""
    jump: tuple[str, str, Quantity, Quantity] | None = None
    """The widest of these: its item, location, units before and after."""
    unknown: int = 0
    """Rows that name items that do not exist."""
    as_of: datetime | None = None
    newest_before: datetime | None = None
    """Time of the newest snapshot of the source that was applied."""


class Tripped(NamedTuple):
    """A guard rail that a snapshot has tripped."""

    rail: str
    """As the settings name it."""
    limit: float
    actual: float
    problem: str
    """A sentence for the person who decides."""


def tripped_by(evidence: Evidence, rails: GuardRails) -> list[Tripped]:
    """The guard rails that a snapshot trips; nothing of it may be applied if there is any."""
    found = (
        _zeroed(evidence, rails),
        _total_drop(evidence, rails),
        _jump(evidence, rails),
        _unknown(evidence, rails),
        _out_of_order(evidence, rails),
    )
    return [one for one in found if one is not None]


def _zeroed(evidence: Evidence, rails: GuardRails) -> Tripped | None:
    limit = rails.zeroed_share
    if limit is None or evidence.zeroed < rails.from_items:
        return None
    share = evidence.zeroed / evidence.in_stock
    if share <= limit:
        return None
    problem = (
        f"would leave nothing of {evidence.zeroed} of the {evidence.in_stock} items in stock "
        f"({share:.0%}; up to {limit:.0%} is believed)"
    )
    return Tripped("zeroed_share", limit, share, problem)


def _total_drop(evidence: Evidence, rails: GuardRails) -> Tripped | None:
    limit = rails.total_drop_share
    before, after = evidence.total_before, evidence.total_after
    if limit is None or before <= 0 or evidence.in_stock < rails.from_items:
        return None
    share = (before - after) / before
    if share <= limit:
        return None
    problem = (
        f"would bring the sum of all units from {quantity_text(before)} to {quantity_text(after)} "
        f"({share:.0%} less; up to {limit:.0%} is believed)"
    )
    return Tripped("total_drop_share", limit, share, problem)


def _jump(evidence: Evidence, rails: GuardRails) -> Tripped | None:
    limit = rails.jump_factor
    if limit is None or evidence.jump is None:
        return None
    sku, location, before, after = evidence.jump
    factor = after / before
    problem = (
        f"would bring {sku} at {location} from {quantity_text(before)} to {quantity_text(after)} "
        f"units ({factor:,.0f} times as many; up to {limit:g} is believed), and "
        f"{evidence.jumped - 1} other items as far"
    )
    return Tripped("jump_factor", limit, factor, problem)


def _unknown(evidence: Evidence, rails: GuardRails) -> Tripped | None:
    limit = rails.unknown_share
    if limit is None or evidence.unknown < rails.from_items:
        return None
    share = evidence.unknown / evidence.rows
    if share <= limit:
        return None
    problem = (
        f"names {evidence.unknown} items that do not exist in {evidence.rows} rows ({share:.0%}; "
        f"up to {limit:.0%} is believed)"
    )
    return Tripped("unknown_share", limit, share, problem)


def _out_of_order(evidence: Evidence, rails: GuardRails) -> Tripped | None:
    limit = rails.days_out_of_order
    if limit is None or evidence.as_of is None or evidence.newest_before is None:
        return None
    days = (evidence.newest_before - evidence.as_of) / timedelta(days=1)
    if days <= limit:
        return None
    problem = (
        f"is of {evidence.as_of.isoformat()}, {days:.1f} days older than the newest one that is "
        f"applied (up to {limit:g} is believed)"
    )
    return Tripped("days_out_of_order", limit, days, problem)


_RAILS: Final = tuple(
    name for name in GuardRails._fields if name not in ("from_items", "jump_from")
)


def check_rail(rail: str | None, field: str) -> None:
    """Raises `InvalidInput` for what is the name of no guard rail; None is none."""
    if rail is not None and rail not in _RAILS:
        known = ", ".join(_RAILS)
        raise InvalidInput(field=field, problem=f"is no guard rail; there are {known}")


_SHARES: Final = ("zeroed_share", "total_drop_share", "unknown_share")


def guard_rails_from(settings: Mapping[str, Any]) -> GuardRails:
    """The guard rails of a source, as its settings name them: a number, or null or false to switch
    one off; `jump_from` in whole units. What is not named has its default. Raises
    `InvalidInput`."""
    unknown = sorted(settings.keys() - set(GuardRails._fields))
    if unknown:
        known = ", ".join(GuardRails._fields)
        raise InvalidInput(
            field=f"guard_rails.{unknown[0]}", problem=f"is no guard rail; there are {known}"
        )
    return GuardRails(**{name: _limit(name, value) for name, value in settings.items()})


def plain_guard_rails(rails: GuardRails) -> dict[str, Any]:
    """What `guard_rails_from` reads, with false for one that is off: TOML has no null."""
    plain: dict[str, Any] = {
        name: False if limit is None else limit for name, limit in rails._asdict().items()
    }
    return {**plain, "jump_from": rails.jump_from // UNIT}


def _limit(name: str, value: Any) -> Any:
    field = f"guard_rails.{name}"
    counted = name in ("from_items", "jump_from")
    if (value is None or value is False) and not counted:
        return None
    number = isinstance(value, int if counted else int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= 1_000_000_000:
        problem = "must be a number, or null or false"
        if counted:
            problem = "must be a whole number of 1 or more"
        raise InvalidInput(field=field, problem=problem)
    if name in _SHARES and value > 1:
        raise InvalidInput(field=field, problem="must be a share between 0 and 1, or null")
    if counted and value < 1:
        raise InvalidInput(field=field, problem="must be a whole number of 1 or more")
    if name == "jump_factor" and value < 1:
        raise InvalidInput(field=field, problem="must be 1 or more, or null")
    return value * UNIT if name == "jump_from" else value
