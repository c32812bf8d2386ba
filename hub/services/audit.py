"""Whether the numbers can be trusted: every rule of the ledger, checked against the database."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from hub.domain.commands import CorrectPosition, Origin
from hub.domain.errors import Unavailable
from hub.domain.principal import AccessScope, Principal
from hub.domain.values import MAX_TEXT_LENGTH, Quantity, quantity_number
from hub.services.stock_writer import StockWriter
from hub.store.audit import CHECKS, read_counts, run_checks
from hub.store.audit_chain import ChainReport, verify_chains
from hub.store.database import Database
from hub.store.drift import Drift, read_drift
from hub.store.snapshot import snapshot

_AT_ONCE = 100


class Finding(NamedTuple):
    """A rule and the rows that break it: none, in a sound ledger."""

    name: str
    rule: str
    rows: list[dict[str, Any]]


class AuditReport(NamedTuple):
    """The outcome of an audit."""

    findings: list[Finding]
    counts: dict[str, int]
    drift: list[Drift]
    """Each part of a position that is not what the rest of the ledger says."""

    @property
    def clean(self) -> bool:
        """Whether every rule holds."""
        return not any(finding.rows for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """For machines; quantities of the drift are in units."""
        return {
            "clean": self.clean,
            "counts": self.counts,
            "findings": [finding._asdict() for finding in self.findings],
            "drift": [_in_units(drift) for drift in self.drift],
        }


class Repair(NamedTuple):
    """What became of a position that had drifted."""

    sku: str
    location: str
    corrected: bool
    note: str
    """The reason that stands in the timeline, or why nothing was corrected."""


class RepairReport(NamedTuple):
    """The outcome of a repair, and the audit after it."""

    before: AuditReport
    repairs: list[Repair]
    after: AuditReport

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            **self.after.as_dict(),
            "drift": self.before.as_dict()["drift"],
            "repairs": [repair._asdict() for repair in self.repairs],
            "left": self.after.as_dict()["drift"],
        }


class Audit:
    """Checks the ledger as a whole."""

    def __init__(self, database: Database, writer: StockWriter) -> None:
        self._database = database
        self._writer = writer

    async def run(self, principal: Principal) -> AuditReport:
        """Check every rule at one moment in time. Reads the whole ledger."""
        principal.require(AccessScope.ADMIN)
        async with snapshot(self._database.url) as connection:
            found = await run_checks(connection)
            findings = [Finding(check.name, check.rule, found[check.name]) for check in CHECKS]
            drift = await read_drift(connection) if any(found.values()) else []
            return AuditReport(findings, await read_counts(connection), drift)

    async def verify_chains(
        self,
        principal: Principal,
        until: datetime | None = None,
        tell: Callable[[int, int], None] | None = None,
    ) -> ChainReport:
        """Check that every entry of the ledger is what was once written. `until` asks for the
        root of an earlier moment; `tell` hears how many entries are done, and of how many."""
        principal.require(AccessScope.ADMIN)
        return await verify_chains(self._database.url, until, tell)

    async def repair(self, principal: Principal) -> RepairReport:
        """Bring each position that has drifted back, by a movement that says what was wrong."""
        principal.require(AccessScope.ADMIN)
        before = await self.run(principal)
        by_position = groupby(before.drift, key=lambda drift: (drift.sku, drift.location))
        corrections = [
            CorrectPosition(sku, location, _reason(parts), Origin(principal.name))
            for (sku, location), parts in by_position
        ]
        repairs: list[Repair] = []
        for first in range(0, len(corrections), _AT_ONCE):
            repairs += await self._correct(corrections[first : first + _AT_ONCE])
        return RepairReport(before, repairs, await self.run(principal) if repairs else before)

    async def _correct(self, corrections: list[CorrectPosition]) -> list[Repair]:
        answers = [self._writer.enqueue(correction) for correction in corrections]
        repairs = []
        # A position that the database refuses must not keep the others from being corrected.
        results = await asyncio.gather(*answers, return_exceptions=True)
        for correction, result in zip(corrections, results, strict=True):
            if isinstance(result, Unavailable):
                raise result
            key = (correction.sku, correction.location)
            if isinstance(result, BaseException):
                repairs.append(Repair(*key, False, str(result)))
            else:
                note = correction.reason if result.applied else result.note
                repairs.append(Repair(*key, result.applied, note))
        return repairs


def _reason(parts: Iterable[Drift]) -> str:
    """What was wrong with a position, in one line."""
    wrong = []
    for drift in parts:
        was = "missing" if drift.position is None else _number(drift, drift.position)
        told = f"{drift.part} was {was} instead of {_number(drift, drift.truth)}"
        if drift.movements is not None and drift.movements != drift.truth:
            told += f" ({_number(drift, drift.movements)} by its movements)"
        wrong.append(told)
    return "; ".join(wrong)[:MAX_TEXT_LENGTH]


def _in_units(drift: Drift) -> dict[str, Any]:
    numbers = {
        name: _number(drift, getattr(drift, name)) for name in ("position", "movements", "truth")
    }
    return {**drift._asdict(), **numbers}


def _number(drift: Drift, quantity: Quantity | None) -> int | float | None:
    if quantity is None or drift.part == "version":
        return quantity
    return quantity_number(quantity)
