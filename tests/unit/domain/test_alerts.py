"""What is the matter with an item, as it follows from its answers and its positions."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from hub.domain.alerts import Alert, AlertKind, AlertState, Finding, findings_in
from hub.domain.availability import availability_in
from hub.domain.item import Item
from hub.domain.policies import Policy, Rules
from hub.domain.position import Position
from hub.domain.supply import SupplyLine
from hub.domain.values import UNIT
from tests.unit.builders import NOW, item, kit, later, position, rules, units

LOW, OUT = AlertKind.LOW_STOCK, AlertKind.OUT_OF_STOCK


def found(
    positions: Sequence[Position], of: Item | None = None, by: Rules | None = None
) -> list[Finding]:
    """What is the matter with a mug in the channel `web`, which sells from BER and HAM."""
    of, by = of or item(), by or rules()
    answers = [
        availability_in({of.sku: of}, {of.sku: positions}, of.sku, by, channel, UNIT, NOW)
        for channel in by.channels.values()
    ]
    return findings_in(of, answers, positions, by, NOW)


def kinds(findings: Sequence[Finding]) -> list[tuple[AlertKind, bool]]:
    """What they are, and whether they open an alert."""
    return [(one.kind, one.opens) for one in findings]


@pytest.mark.parametrize(
    ("on_hand", "expected"),
    [
        (0, [(OUT, True), (LOW, False)]),
        (1, [(LOW, True)]),
        (5, [(LOW, True)]),
        (6, [(LOW, False)]),
        (7, []),
        (100, []),
    ],
)
def test_an_item_is_low_at_its_mark_and_stays_so_up_to_a_margin_above(
    on_hand: int, expected: list[tuple[AlertKind, bool]]
) -> None:
    assert kinds(found([position(on_hand=on_hand)])) == expected


def test_the_mark_and_the_margin_are_rules() -> None:
    by = rules({("global", ""): Policy(low_stock_mark=units(10), low_stock_margin=units(5))})
    opens = {n: kinds(found([position(on_hand=n)], by=by)) for n in (10, 11, 14, 15)}
    assert opens == {10: [(LOW, True)], 11: [(LOW, False)], 14: [(LOW, False)], 15: []}
    by = rules({("global", ""): Policy(low_stock_margin=0)})
    assert kinds(found([position(on_hand=5)], by=by)) == [(LOW, True)]
    assert kinds(found([position(on_hand=6)], by=by)) == []


def test_without_a_mark_nothing_is_low() -> None:
    by = rules({("global", ""): Policy(low_stock_mark=0)})
    assert kinds(found([position(on_hand=0)], by=by)) == [(OUT, True)]
    assert kinds(found([position(on_hand=1)], by=by)) == []


def test_what_can_be_backordered_is_neither_low_nor_sold_out() -> None:
    assert found([position(on_hand=0)], item(backorders=5)) == []
    assert found([position(on_hand=2)], item(backorders=5)) == []


def test_what_is_no_longer_sold_or_never_was_is_not_the_matter() -> None:
    assert found([position(on_hand=0)], item(discontinued=True)) == []
    assert found([]) == []
    assert found([position("CPH", 3)]) == []


def test_each_channel_has_findings_of_its_own() -> None:
    by = rules({("channel", "web"): Policy(safety_stock=units(9))})
    (finding, _) = found([position(on_hand=9)], by=by)
    assert (finding.kind, finding.channel, finding.location) == (OUT, "web", "")


def test_a_low_finding_says_how_many_are_left_and_which_rule_set_the_mark() -> None:
    by = rules({("category", "C"): Policy(low_stock_mark=units(3))})
    (finding,) = found([position(on_hand=2.5)], item(category="C", step=0.5), by)
    assert finding.facts == {"count": 2.5, "mark": 3, "rule": "category:C"}


def test_more_promised_than_there_is_is_a_shortfall_at_its_location() -> None:
    short = position("HAM", 1, allocated=3)
    findings = found([position(on_hand=20), short])
    assert [(one.kind, one.location, one.facts) for one in findings] == [
        (AlertKind.SHORTFALL, "HAM", {"count": 2})
    ]
    lapsed = position("HAM", 1, allocated=1, reserved=2, lapsed=2)
    assert found([position(on_hand=20), lapsed]) == []


def test_a_receipt_is_late_from_its_date_on_until_it_is_there() -> None:
    def expected(eta: datetime, received: float = 0) -> Position:
        line = SupplyLine("MUG", "BER", "PO-1", units(10), units(received), eta)
        return position(on_hand=20, incoming=10 - received)._replace(supply=(line,))

    (late,) = found([expected(later(0), received=4)])
    assert (late.kind, late.location, late.document) == (AlertKind.LATE_SUPPLY, "BER", "PO-1")
    assert late.facts == {"count": 6, "date": NOW.isoformat()}
    assert found([expected(later(1))]) == []
    assert found([expected(later(-1), received=10)]) == []


def test_a_kit_is_sold_out_when_a_component_is() -> None:
    by = rules(kits={"SET": kit(MUG=1)})
    items = {"SET": item("SET"), "MUG": item("MUG")}
    positions: dict[str, list[Position]] = {"SET": [], "MUG": [position(on_hand=0)]}
    answer = availability_in(items, positions, "SET", by, by.channel("web"), UNIT, NOW)
    assert kinds(findings_in(items["SET"], [answer], [], by, NOW))[0] == (OUT, True)


def test_an_alert_is_open_until_it_is_seen_to_or_over() -> None:
    alert = Alert(1, LOW, "MUG", "web", None, None, {"count": 3}, NOW, None, None, None)
    assert alert.state is AlertState.OPEN
    seen = alert._replace(acknowledged_at=NOW, acknowledged_by="clerk")
    assert seen.state is AlertState.ACKNOWLEDGED
    assert seen._replace(resolved_at=NOW).state is AlertState.RESOLVED
    assert alert.message.code == "ALERT_LOW_STOCK"
    assert alert.message.params == {"sku": "MUG", "channel": "web", "count": 3}
