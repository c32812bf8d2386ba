"""How it is shown what became of what a source has sent."""

from typing import Any, Final

from hub.cli.console import print_figures, print_json, print_rows
from hub.cli.snapshots import print_judgement
from hub.domain.snapshots import SnapshotState

_FINDING: Final = ("line", "column", "code", "reason")
_MOVE: Final = ("sku", "location", "before", "after", "change")


def _known(report: dict[str, Any]) -> dict[str, Any]:
    """Figures without those that say nothing."""
    return {
        name: _known(value) if isinstance(value, dict) else value
        for name, value in report.items()
        if value is not None
    }


def is_held_back(report: dict[str, Any]) -> bool:
    """Whether a snapshot in it waits for a person, or would."""
    state = report["snapshot"]["state"] if "snapshot" in report else None
    return state not in (None, SnapshotState.APPLIED, SnapshotState.COMPARED)


def print_report(title: str, report: dict[str, Any], json: bool) -> None:
    """Print a report, for people or for machines."""
    if json:
        print_json(report)
        return
    print_figures(title, _known(report))
    if "snapshot" in report:
        print_judgement(report["snapshot"])
    for key, heading in (("refusedRows", "Refused"), ("warningRows", "Warnings")):
        if report[key]:
            print_rows(heading, _FINDING, report[key])
    moves = report.get("stock", {}).get("rows")
    if moves:
        print_rows("Stock", _MOVE, moves)
