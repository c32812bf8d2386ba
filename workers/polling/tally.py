"""What became of all that one poll has fetched."""

from collections import Counter
from typing import Any, Final

from hub.domain.snapshots import SnapshotState
from hub.domain.source_deliveries import delivery_finding
from workers.formats.reading import Finding
from workers.sources.report import ImportReport

KEPT_ROWS: Final = 50
"""Refused rows that are kept of a poll, the first ones."""
_FIGURES: Final = ("read", "mapped", "ignored", "refused", "warnings", "accepted", "duplicates")


class Tally:
    """Adds up reports of files."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._rows: list[dict[str, Any]] = []
        self._snapshots: list[dict[str, Any]] = []
        self.problems: list[str] = []
        """Of files that could not be read at all."""
        self.files = 0
        self.changed = False
        """Whether something came that was not there before."""

    @property
    def refused(self) -> int:
        """Rows, and files."""
        return self._counts["refused"] + len(self.problems)

    @property
    def mapped(self) -> int:
        """Rows that could be taken."""
        return self._counts["mapped"]

    def take(self, report: ImportReport) -> None:
        """Add a file that was taken in."""
        self.files += 1
        plain = report.as_dict()
        for name in _FIGURES:
            self._counts[name] += plain[name]
        room = KEPT_ROWS - len(self._rows)
        self._rows += [_row(report.file, finding) for finding in report.refused[:room]]
        self.changed |= plain["accepted"] > 0
        if report.snapshot is not None:
            self._snapshots.append(plain["snapshot"])
            applied = report.snapshot.state is SnapshotState.APPLIED
            self.changed |= not applied or report.snapshot.applied > 0

    def refuse(self, file: str, problem: str) -> None:
        """Add a file that could not be read."""
        self.problems.append(f"{file}: {problem}")

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "files": self.files,
            "refusedFiles": len(self.problems),
            **{name: self._counts[name] for name in _FIGURES},
            "refusedRows": self._rows,
            "snapshots": self._snapshots[:KEPT_ROWS],
        }


def _row(file: str, finding: Finding) -> dict[str, Any]:
    # Fit for the database, whatever it quotes of what was sent.
    fit = delivery_finding(finding.severity.value, finding.code, finding.problem, *finding.place)
    return {
        "file": file,
        "line": fit.line,
        "column": fit.column,
        "code": fit.code,
        "reason": fit.problem,
    }
