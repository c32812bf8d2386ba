"""Whether the numbers can be trusted: every rule of the ledger, checked against the database."""

from typing import Any, NamedTuple

from hub.domain.principal import AccessScope, Principal
from hub.store.audit import CHECKS, read_counts, run_checks
from hub.store.database import Database


class Finding(NamedTuple):
    """A rule and the rows that break it: none, in a sound ledger."""

    name: str
    rule: str
    rows: list[dict[str, Any]]


class AuditReport(NamedTuple):
    """The outcome of an audit."""

    findings: list[Finding]
    counts: dict[str, int]

    @property
    def clean(self) -> bool:
        """Whether every rule holds."""
        return not any(finding.rows for finding in self.findings)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "clean": self.clean,
            "counts": self.counts,
            "findings": [finding._asdict() for finding in self.findings],
        }


class Audit:
    """Checks the ledger as a whole."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, principal: Principal) -> AuditReport:
        """Check every rule at one moment in time. Reads the whole ledger."""
        principal.require(AccessScope.ADMIN)
        found = await run_checks(self._database)
        return AuditReport(
            [Finding(check.name, check.rule, found[check.name]) for check in CHECKS],
            await read_counts(self._database),
        )
