"""What a benchmark finds: a figure, what it was measured against, and whether its bound holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import ge, le, lt
from statistics import median
from typing import Any, Literal, NamedTuple

OURS = "ours"
"""The side of a round that the hub itself runs; all other sides are baselines."""

Round = Mapping[str, float]
"""What each side reached in one round, in the same unit."""


_HELD = {"≥": ge, "≤": le, "<": lt}


class Bound(NamedTuple):
    """What a figure must reach."""

    relation: Literal["≥", "≤", "<"]
    limit: float

    def held_by(self, value: float) -> bool:
        """Whether a value keeps the bound."""
        return bool(_HELD[self.relation](value, self.limit))

    def __str__(self) -> str:
        return f"{self.relation} {self.limit:,.10g}"


@dataclass(frozen=True)
class Figure:
    """One result. Without a value nothing was measured, and `note` says why."""

    name: str
    unit: str
    value: float | None = None
    bound: Bound | None = None
    baseline: str | None = None
    """The side of the rounds that `ours` is compared with."""
    runs: Sequence[Round] = ()
    runs_unit: str | None = None
    """The unit of the rounds, where it is not that of the value."""
    note: str | None = None
    failed: bool = False
    """Whether it has no value because something went wrong, not because something is missing."""

    @property
    def values(self) -> list[float]:
        """What the value would be in each round."""
        if self.runs_unit is None or self.baseline is None:
            return [run[OURS] for run in self.runs]
        return [run[OURS] / run[self.baseline] for run in self.runs]

    @property
    def holds(self) -> bool | None:
        """Whether the bound holds, which it does not where the benchmark failed; None without a
        bound or a value."""
        if self.failed:
            return False
        if self.bound is None or self.value is None:
            return None
        return self.bound.held_by(self.value)

    def median_of(self, side: str) -> float:
        """The median of what a side reached."""
        return median(run[side] for run in self.runs)

    def as_dict(self) -> dict[str, Any]:
        """The figure as JSON."""
        unit = self.runs_unit or self.unit
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "bound": None if self.bound is None else str(self.bound),
            "holds": self.holds,
            "baseline": self.baseline
            and {"name": self.baseline, "value": self.median_of(self.baseline), "unit": unit},
            "runs": [dict(run) for run in self.runs],
            **({"note": self.note} if self.note else {}),
        }


def median_of_rounds(
    name: str, runs: Sequence[Round], unit: str, baseline: str, bound: Bound | None = None
) -> Figure:
    """The median of what `ours` reached, in the unit of the rounds."""
    value = median(run[OURS] for run in runs)
    return Figure(name, unit, value, bound, baseline, runs)


def ratio_to_best(
    name: str, runs: Sequence[Round], runs_unit: str, bound: Bound | None = None
) -> Figure:
    """How many times the better of the baselines `ours` is: the median of the rounds' ratios."""
    sides = [side for side in runs[0] if side != OURS]
    best = max(sides, key=lambda side: median(run[side] for run in runs))
    value = median(run[OURS] / run[best] for run in runs)
    return Figure(name, "× baseline", value, bound, best, runs, runs_unit)


def ratio_to(
    name: str, runs: Sequence[Round], baseline: str, runs_unit: str, bound: Bound | None = None
) -> Figure:
    """How many times one of several baselines `ours` is."""
    pairs = [{side: run[side] for side in (OURS, baseline)} for run in runs]
    return ratio_to_best(name, pairs, runs_unit, bound)
