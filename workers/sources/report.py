"""What became of a file of a source, or would have."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hub.domain.snapshots import RefusedRow, Snapshot, SnapshotState
from hub.domain.values import Quantity, quantity_number
from hub.services.rehearsal import StockMove
from hub.services.snapshots import Judged
from workers.formats.reading import Finding, Place, Reply, Severity
from workers.sources.pipeline import Stretch
from workers.sources.snapshots import LEFT_OUT_KEPT, Survey

KEPT_FINDINGS: Final = 1_000
"""Of each severity. The count goes on beyond it; only the list of them stops."""
SHOWN_MOVES: Final = 1_000
"""As many changes of stock as a report lists; the totals are of all."""

SNAPSHOT_AS_COUNTS: Final = Finding(
    Severity.WARNING,
    "SNAPSHOT_AS_COUNTS",
    "each row is taken as a count, which no guard rail judges; items that the snapshot leaves out "
    "stay as they are",
)


def all_refused(problem: str) -> str:
    """What is the matter with a source of which nothing was taken, by the first problem."""
    return f"all that it sent was refused; first: {problem}"


@dataclass
class FileReport:
    """What became of the rows of a file. Each is mapped, ignored or refused."""

    file: str
    source: str
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    whole: bool = False
    """Whether its counts are taken as one snapshot."""

    def note(self, findings: Iterable[Finding]) -> int:
        """Count findings, and keep the first of them; how many of them refuse something."""
        errors = 0
        for finding in findings:
            wrong = finding.severity is Severity.ERROR
            errors += wrong
            kept = self.refused if wrong else self.warnings
            self.counts["refused" if wrong else "warnings"] += 1
            if len(kept) < KEPT_FINDINGS:
                kept.append(finding)
        return errors

    def take(self, stretch: Stretch) -> None:
        """Count a part of the file as it was read."""
        if stretch.snapshots and not self.whole and not self.counts["snapshots"]:
            self.note([SNAPSHOT_AS_COUNTS])
        self.counts["snapshots"] += stretch.snapshots
        self.counts["mapped"] += len(stretch.drafts)
        self.counts["ignored"] += stretch.ignored
        errors = self.note(stretch.findings)
        self.counts["read"] += len(stretch.drafts) + stretch.ignored + errors
        self.replies += stretch.replies

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        figures = ("read", "mapped", "ignored", "refused", "warnings")
        return {
            "source": self.source,
            "file": self.file,
            **{name: self.counts[name] for name in figures},
            "refusedRows": [_row(finding) for finding in self.refused],
            "warningRows": [_row(finding) for finding in self.warnings],
        }


@dataclass
class ImportReport(FileReport):
    """What became of the rows of a file that was taken in."""

    snapshot: Snapshot | None = None
    """Where it tells all there is: what became of that."""

    def take_snapshot(
        self, snapshot: Snapshot, refused: Sequence[RefusedRow], found: Survey, kept: bool
    ) -> None:
        """Count the rows of a snapshot; the first of those that were refused are given. `kept`
        says whether what it leaves out stays because of one of them."""
        self.snapshot = snapshot
        self.note(refused_row(row) for row in refused)
        self.counts["refused"] += snapshot.refused - len(refused)
        self.counts["mapped"] += snapshot.rows - snapshot.refused
        self.counts["read"] += found.counts + found.errors
        told = found.counts + found.errors + found.doubts
        self.counts["ignored"] += max(0, told - snapshot.rows)
        self.note(found.warnings)
        self.counts["warnings"] += found.warned - len(found.warnings)
        if kept:
            self.note([LEFT_OUT_KEPT])
        self.replies += found.replies

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON; what is `accepted` was not there before."""
        stored = {name: self.counts[name] for name in ("accepted", "duplicates")}
        whole = {} if self.snapshot is None else {"snapshot": self.snapshot.as_dict()}
        return {**super().as_dict(), **stored, **whole}


@dataclass
class RehearsalReport(FileReport):
    """What a file would do, had it been taken in."""

    moves: list[StockMove] = field(default_factory=list)
    before: Quantity = 0
    after: Quantity = 0
    snapshot: Judged | None = None
    """Where it tells all there is: what would become of that."""

    def move(self, moves: Iterable[StockMove]) -> None:
        """Note what stock would do."""
        for move in moves:
            self.counts["positions"] += 1
            self.before += move.before
            self.after += move.after
            if len(self.moves) < SHOWN_MOVES:
                self.moves.append(move)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON. The stock is that of the positions which would change."""
        return {
            **super().as_dict(),
            "unchanged": self.counts["unchanged"],
            **({} if self.snapshot is None else {"snapshot": _judged(self.snapshot)}),
            "stock": {
                "positions": self.counts["positions"],
                "before": quantity_number(self.before),
                "after": quantity_number(self.after),
                "change": quantity_number(self.after - self.before),
                "rows": [_move(move) for move in self.moves],
            },
        }


def _row(finding: Finding) -> dict[str, Any]:
    line, column = finding.place
    return {"line": line, "column": column, "code": finding.code, "reason": finding.problem}


def end_of(judged: Judged) -> SnapshotState:
    """The state that a snapshot which was judged so would come to."""
    applied = judged.state is SnapshotState.APPLYING
    return SnapshotState.APPLIED if applied else judged.state


def _judged(judged: Judged) -> dict[str, Any]:
    return {
        "state": end_of(judged).value,
        "leftOut": judged.left_out,
        "report": [tripped._asdict() for tripped in judged.tripped],
    }


def refused_row(row: RefusedRow) -> Finding:
    """What became of a row of a snapshot, as of any other row."""
    return Finding(Severity.ERROR, row.code, row.problem, Place(row.line, row.column))


def _move(move: StockMove) -> dict[str, Any]:
    return {
        "sku": move.sku,
        "location": move.location,
        "before": quantity_number(move.before),
        "after": quantity_number(move.after),
        "change": quantity_number(move.after - move.before),
    }


def note_of(text: str, place: Place) -> Finding:
    """A warning from the hub's own note on why something changes nothing: `CODE: reason`."""
    code, _, reason = text.partition(": ")
    return Finding(Severity.WARNING, code, reason, place)
