"""Whatever happens in whatever order, the ledger agrees with a plain model and keeps its promises.

A machine sends random batches of commands through `decide`, lets time pass and changes rules, and
after each step looks at everything that is stored.
"""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hub.domain import commands as c
from hub.domain.errors import HubError, InsufficientStock
from hub.domain.movements import MovementKind
from hub.domain.policies import Policy
from hub.domain.reservations import as_read
from hub.domain.values import ChannelId, Quantity, Sku
from tests.unit import builders as a
from tests.unit.domain.exploration import explored
from tests.unit.domain.plain_book import PlainBook
from tests.unit.domain.plain_model import follow
from tests.unit.domain.random_commands import (
    CHANNELS,
    LOCATIONS,
    SKUS,
    Names,
    commands,
    skus,
)
from tests.unit.domain.stockroom import Stockroom

Ruling = tuple[tuple[str, str], Quantity | None, Sku | None]
"""A target, the safety stock it gets, and the item that is discontinued from now on."""

rulings: st.SearchStrategy[Ruling] = st.tuples(
    st.sampled_from(
        [
            ("item", "MUG"),
            ("category", "oils"),
            ("location", "HAM"),
            ("channel", "web"),
            ("global", ""),
        ]
    ),
    st.none() | st.integers(0, 3).map(a.units),
    st.none() | skus,
)


class RandomHistory(RuleBasedStateMachine):
    """A shop in which anything may happen."""

    def __init__(self) -> None:
        super().__init__()
        mug, oil = a.item("MUG"), a.item("OIL", "oils", step=0.5)
        self.room = Stockroom(mug, oil, rules_=a.rules(channels=CHANNELS))
        self.book = PlainBook(self.room)
        self.names = Names(self.room)

    @initialize(counts=st.tuples(*[st.integers(0, 12)] * 6))
    def open_the_shop(self, counts: tuple[int, ...]) -> None:
        places = [(sku, location) for sku in SKUS for location in LOCATIONS]
        self._decide(
            [a.set_stock(n, place[1], place[0]) for n, place in zip(counts, places, strict=True)]
        )

    @rule(
        batch=st.lists(commands, min_size=2, max_size=10),
        pause=st.sampled_from([0, 0, 0, 1, 20, 60]),
        swept=st.booleans(),
        ruling=st.none() | st.none() | rulings,
    )
    def a_while_passes(
        self, batch: list[c.Command], pause: int, swept: bool, ruling: Ruling | None
    ) -> None:
        """One rule for all that happens: of several, Hypothesis would leave out some for a whole
        history, and most histories would be empty."""
        self.room.wait(pause)
        if swept:
            self._decide([a.expire(id) for id in self.room.due()])
            assert self.room.due() == []
        if ruling is not None:
            self._rule(*ruling)
        self._decide([self.names.give(command) for command in batch])

    @invariant()
    def positions_are_what_the_model_counts(self) -> None:
        for key in self.room.positions.keys() | self.book.changes.keys():
            stored, free = self.room.at(key[1], key[0]), self.book.free(key)
            assert stored.on_hand == self.book.on_hand[key]
            assert stored.unavailable == self.book.unavailable[key]
            assert stored.reserved == self.book.reserved(key)
            assert stored.allocated == self.book.allocated(key)
            assert stored.incoming == self.book.incoming(key)
            assert stored.counted_at == self.book.counted_at.get(key)
            assert stored.shortfall == max(0, -free)
            assert stored.free == free >= -stored.shortfall

    @invariant()
    def positions_are_the_fold_of_their_movements(self) -> None:
        sums: dict[str, Counter[tuple[str, str]]] = {
            part: Counter()
            for part in ("on_hand", "unavailable", "allocated", "reserved", "incoming")
        }
        versions: Counter[tuple[str, str]] = Counter()
        for movement in self.room.movements:
            key = (movement.sku, movement.location)
            versions[key] += 1
            assert movement.version == versions[key]
            for part, summed in sums.items():
                summed[key] += getattr(movement, part)
            free = sums["on_hand"][key] - sums["unavailable"][key]
            claimed = sums["allocated"][key] + sums["reserved"][key]
            assert movement.available_after == free - claimed
        for key, position in self.room.positions.items():
            assert position.version == versions[key] == self.book.changes[key]
            assert {part: summed[key] for part, summed in sums.items()} == {
                part: getattr(position, part) for part in sums
            }

    @invariant()
    def reservations_are_in_the_state_that_their_lines_say(self) -> None:
        assert self.room.reservations.keys() == self.book.claims.keys()
        for id, stored in self.room.reservations.items():
            claim, seen = self.book.claims[id], as_read(stored, self.room.now)
            assert (seen.state, seen.ended_reason) == claim.state(self.room.now)
            assert seen.order == claim.order
            for line, part in zip(stored.lines, claim.parts, strict=True):
                assert line.quantity == part.quantity
                assert line.quantity == line.held + line.allocated + line.fulfilled + line.released
                assert (line.held, line.allocated) == (part.held, part.waiting)
                assert (line.fulfilled, line.returned) == (part.shipped, part.back)

    @invariant()
    def what_is_promised_is_granted_and_one_step_more_is_refused(self) -> None:
        for sku, item in self.room.items.items():
            for channel in CHANNELS:
                available = self.room.availability(sku, channel=channel.id).quantity
                most = available - available % item.quantity_step
                assert self._is_kept(sku, channel.id, most + item.quantity_step) is False
                if most:
                    assert self._is_kept(sku, channel.id, most) is True

    def _rule(self, ruled: tuple[str, str], safety: Quantity | None, gone: Sku | None) -> None:
        items, policies = self.room.items, dict(self.room.rules.policies)
        if ruled[0] == "item":
            items[ruled[1]] = items[ruled[1]]._replace(safety_stock=safety)
        else:
            policies[ruled] = Policy(safety_stock=safety)
        for sku, item in items.items():
            items[sku] = item._replace(discontinued=sku == gone)
        self.room.rules = a.rules(policies, CHANNELS)

    def _is_kept(self, sku: Sku, channel: ChannelId, quantity: Quantity) -> bool:
        """Whether a quantity is promised, once it is sure that just that is granted."""
        answer = self.room.availability(sku, quantity, channel)
        swept = [a.expire(id) for id in self.room.due()]
        hold = a.reserve((sku, quantity / 1000), id="tried", channel=channel)
        result = self.room.would(*swept, hold).results[-1]
        granted = not isinstance(result, HubError)
        assert granted is answer.can_fulfil is (answer.quantity >= quantity)
        assert granted is (answer.limiting_reason is None)
        if not granted:
            line = {"sku": sku, "requested": quantity, "available": answer.quantity}
            assert result == InsufficientStock(lines=[line])
        return granted

    def _decide(self, batch: list[c.Command]) -> None:
        outcome = self.room.would(*batch)
        accepted = [
            command
            for command, result in zip(batch, outcome.results, strict=True)
            if not isinstance(result, HubError)
        ]
        # Had the refused commands never been sent, the same would have happened.
        assert self.room.would(*accepted)[1:] == outcome[1:]
        assert self.room.decide(*batch) == outcome
        for movement in outcome.movements:
            if movement.kind is MovementKind.RESERVED:
                assert movement.available_after >= 0
        for command, result in zip(batch, outcome.results, strict=True):
            follow(self.book, command, result, self.room.now)


TestRandomHistory = RandomHistory.TestCase
TestRandomHistory.settings = explored(40, steps=20)
