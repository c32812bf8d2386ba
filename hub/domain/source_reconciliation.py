"""How a source is compared with the hub as a whole: how often, and what follows from it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from hub.domain.errors import InvalidInput
from hub.domain.plain_table import Table, plain_duration
from hub.domain.reconciliations import ReconciliationPolicy
from hub.domain.values import MAX_QUANTITY, UNIT, Quantity

OVERDUE_FACTOR: Final = 1.5
"""A source may go without a comparison so many times as long as it is to be compared every."""


class Reconciling(NamedTuple):
    """How a source is compared with the hub."""

    every: timedelta | None = None
    """So long after a comparison, the next whole snapshot is one. None: only when asked for."""
    policy: ReconciliationPolicy = ReconciliationPolicy.REPORT
    max_units: Quantity = 10 * UNIT
    """So far off may an item be that is corrected by the policy."""
    max_share: float = 0.02
    """With more than this share of the items to be corrected, the policy corrects none."""


class DueState(StrEnum):
    """Whether a source was compared as often as it is to be."""

    ON_TIME = "ON_TIME"
    DUE = "DUE"
    """Its next whole snapshot is compared."""
    OVERDUE = "OVERDUE"
    """Nothing came that could be compared, for half as long again as it should."""


class ReconciliationStanding(NamedTuple):
    """When a source was compared, and when it is to be."""

    source: str
    every: timedelta
    policy: ReconciliationPolicy
    last: datetime | None
    """The newest comparison that is believed."""
    due_at: datetime
    state: DueState

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "source": self.source,
            "every": plain_duration(self.every),
            "policy": self.policy.value,
            "comparedAt": self.last,
            "dueAt": self.due_at,
            "state": self.state.value,
        }


def standing_of(
    source: str, reconciling: Reconciling, known_since: datetime, last: datetime | None,
    now: datetime,
) -> ReconciliationStanding | None:  # fmt: skip
    """How a source stands that is known since then; None where it is compared only when asked."""
    every, policy = reconciling.every, reconciling.policy
    if every is None:
        return None
    due = known_since if last is None else last + every
    state = DueState.ON_TIME if now < due else DueState.DUE
    if now - (last or known_since) > every * OVERDUE_FACTOR:
        state = DueState.OVERDUE
    return ReconciliationStanding(source, every, policy, last, due, state)


def reconciling_from(table: Table) -> Reconciling:
    """How a source is compared, as its configuration says: `every`, `policy`, `max_units` in whole
    units and `max_share`. Raises `InvalidInput`."""
    usual = Reconciling()
    units, share = table.get("max_units"), table.get("max_share")
    reconciling = Reconciling(
        every=table.duration("every"),
        policy=table.choice("policy", usual.policy),
        max_units=usual.max_units if units is None else _units(table, units),
        max_share=usual.max_share if share is None else _share(table, share),
    )
    table.end()
    return reconciling


def plain_reconciling(reconciling: Reconciling) -> dict[str, Any]:
    """What `reconciling_from` reads."""
    every = reconciling.every
    return {
        "every": None if every is None else plain_duration(every),
        "policy": reconciling.policy.value,
        "max_units": reconciling.max_units // UNIT,
        "max_share": reconciling.max_share,
    }


def _units(table: Table, value: object) -> Quantity:
    most = MAX_QUANTITY // UNIT
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        problem = f"must be a whole number of units from 1 to {most}"
        raise InvalidInput(field=table.at("max_units"), problem=problem)
    return value * UNIT


def _share(table: Table, value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 1:
        problem = "must be a share above 0 and up to 1, such as 0.02"
        raise InvalidInput(field=table.at("max_share"), problem=problem)
    return float(value)
