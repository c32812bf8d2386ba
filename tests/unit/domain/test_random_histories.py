"""Whatever happens in whatever order, the ledger agrees with a plain model and keeps its promises.

A machine sends random batches of commands through `decide`, lets time pass, changes rules and
crashes before and after commits, and after each step looks at everything that is stored.
"""

from collections import Counter

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from hub.domain import commands as c
from hub.domain.decide import Result
from hub.domain.decide_stock import StockChange
from hub.domain.errors import HubError, IdempotencyMismatch, InsufficientStock
from hub.domain.reservations import as_read
from hub.domain.values import ChannelId, Quantity, Sku
from tests.unit import builders as a
from tests.unit import holds as h
from tests.unit.domain.exploration import explored
from tests.unit.domain.keys import Keys
from tests.unit.domain.plain_book import PlainBook, Step
from tests.unit.domain.plain_model import follow
from tests.unit.domain.random_commands import (
    CHANNELS,
    HOLDERS,
    KITS,
    LOCATIONS,
    SKUS,
    Names,
    commands,
)
from tests.unit.domain.random_rulings import Ruling, rule_anew, rulings
from tests.unit.domain.stockroom import Stockroom

FOLDED = ("on_hand", "unavailable", "allocated", "reserved", "backordered", "incoming")
CLAIMED = {"reserved": "held", "allocated": "allocated", "backordered": "backordered"}


class RandomHistory(RuleBasedStateMachine):
    """A shop in which anything may happen."""

    def __init__(self) -> None:
        super().__init__()
        mug, oil = a.item("MUG", backorders=4), a.item("OIL", "oils", step=0.5)
        known = a.rules(channels=CHANNELS, kits=KITS)
        self.room = Stockroom(mug, oil, a.item("SET"), rules_=known)
        self.book = PlainBook(self.room)
        self.names = Names(self.room)
        self.keys = Keys()
        self.answered: list[tuple[c.Command, Result]] = []
        self.sums: dict[tuple[str, str], Counter[str]] = {}
        self.summed = 0
        self.steps = 0

    @initialize(counts=st.tuples(*[st.integers(0, 12)] * 6))
    def open_the_shop(self, counts: tuple[int, ...]) -> None:
        places = [(sku, location) for sku in SKUS for location in LOCATIONS]
        self._send(
            [a.set_stock(n, place[1], place[0]) for n, place in zip(counts, places, strict=True)]
        )

    @rule(
        batch=st.lists(commands, min_size=2, max_size=10),
        pause=st.sampled_from([0, 0, 0, 0, 1, 1, 20, 60]),
        upkeep=st.sampled_from(["swept", "settled", "both", "none"]),
        ruling=st.none() | st.none() | rulings,
        crash=st.sampled_from([None, None, "before commit", "after commit"]),
    )
    def a_while_passes(
        self,
        batch: list[c.Command],
        pause: int,
        upkeep: str,
        ruling: Ruling | None,
        crash: str | None,
    ) -> None:
        """One rule for all that happens: of several, Hypothesis would leave out some for a whole
        history, and most histories would be empty."""
        self.steps += 1
        self.room.wait(pause)
        if upkeep in ("swept", "both"):
            self._send([h.expire(id) for id in self.room.due()])
            assert self.room.due() == []
        if upkeep in ("settled", "both"):
            pending, self.room.to_settle = self.room.to_settle, {}
            self._send([a.settle(sku) for sku in pending])
        if ruling is not None:
            rule_anew(self.room, ruling)
        self._send([self.names.give(command) for command in batch], crash)

    @invariant()
    def positions_are_what_the_model_counts(self) -> None:
        for key in self.room.positions.keys() | self.book.on_hand.keys():
            stored, free = self.room.at(key[1], key[0]), self.book.free(key)
            assert stored.on_hand == self.book.on_hand[key]
            assert stored.unavailable == self.book.unavailable[key]
            assert stored.incoming == self.book.incoming(key)
            assert stored.counted_at == self.book.counted_at.get(key)
            assert stored.counted_through == self.book.counted_through.get(key)
            assert stored.shortfall == max(0, -free)
            assert stored.free == free
            for part, of_lines in CLAIMED.items():
                assert getattr(stored, part) == self.book.sum_of(of_lines, key)

    @invariant()
    def positions_are_the_fold_of_their_movements(self) -> None:
        for movement in self.room.movements[self.summed :]:
            sums = self.sums.setdefault((movement.sku, movement.location), Counter())
            sums["version"] += 1
            assert movement.version == sums["version"]
            for part in FOLDED:
                sums[part] += getattr(movement, part)
            claimed = sums["unavailable"] + sums["allocated"] + sums["reserved"]
            assert movement.available_after == sums["on_hand"] - claimed
        self.summed = len(self.room.movements)
        for key, position in self.room.positions.items():
            for part in (*FOLDED, "version"):
                assert getattr(position, part) == self.sums[key][part]

    @invariant()
    def reservations_are_in_the_state_that_their_lines_say(self) -> None:
        now = self.room.now
        assert self.room.reservations.keys() == self.book.claims.keys()
        for id, stored in self.room.reservations.items():
            claim, seen = self.book.claims[id], as_read(stored, now)
            assert stored.lines == claim.lines
            assert (seen.state, seen.ended_reason) == claim.state(now)
            assert (seen.order, seen.ordered_at) == (claim.order, claim.ordered_at)
            assert stored.lapsed(now) is claim.lapsed(now)

    @invariant()
    def what_is_promised_is_granted_and_one_step_more_is_refused(self) -> None:
        channel = CHANNELS[self.steps % len(CHANNELS)].id
        holder = (None, *HOLDERS)[self.steps // 2 % 3]
        for sku, item in self.room.items.items():
            most = self.room.availability(sku, channel=channel, holder=holder).quantity
            step = item.quantity_step
            if most is None:
                assert self._is_kept(sku, channel, holder, a.units(10_000)) is True
                continue
            assert most % step == 0
            for steps in range(1, min(6, most // step) + 1):
                answer = self.room.availability(sku, steps * step, channel, holder)
                assert answer.can_fulfil, "fewer are not to be had where more are"
            assert self._is_kept(sku, channel, holder, most + step) is False
            if most:
                assert self._is_kept(sku, channel, holder, most) is True

    def teardown(self) -> None:
        """Whoever asks again under his key is told what he was told, whatever has happened since;
        and who asks for something else with it is told that."""
        for command, result in self.answered:
            key = command.origin.idempotency
            assert key is not None
            assert self.keys.answer(key, self.room) == _as_told(result)
            other = key._replace(request_hash=b"another request")
            assert self.keys.answer(other, self.room) == IdempotencyMismatch(key=key.key)

    def _is_kept(
        self, sku: Sku, channel: ChannelId, holder: str | None, quantity: Quantity
    ) -> bool:
        """Whether a quantity is promised, once it is sure that just that is granted."""
        answer = self.room.availability(sku, quantity, channel, holder)
        hold = h.reserve((sku, quantity / 1000), id="tried", channel=channel, holder=holder)
        result = self.room.would(hold).results[-1]
        granted = not isinstance(result, HubError)
        assert granted is answer.can_fulfil
        assert granted is (answer.quantity is None or answer.quantity >= quantity)
        assert granted is (answer.limiting_reason is None)
        if not granted:
            line = {"sku": sku, "requested": quantity, "available": answer.quantity}
            assert result == InsufficientStock(lines=[line])
        return granted

    def _send(self, batch: list[c.Command], crash: str | None = None) -> None:
        """Send commands as a lane of the stock writer takes them: what depends on more than its
        position is decided for itself, and whoever changes a hold has been told its id before."""
        together: list[c.Command] = []
        for command in batch:
            alone = isinstance(command, c.SetStock) and command.has_watermark
            if alone or isinstance(command, c.ChangeReservation):
                self._decide(together, crash)
                together = []
            if alone:
                self._decide([command], crash)
            else:
                together.append(command)
        self._decide(together, crash)

    def _decide(self, batch: list[c.Command], crash: str | None) -> None:
        prepared = self.room.prepare(*batch)
        outcome = prepared.outcome
        if crash == "before commit":
            # Nothing was stored, so nothing is known of it: sent again, it is decided anew.
            assert self.room.prepare(*batch) == prepared
        pairs = list(zip(prepared.commands, outcome.results, strict=True))
        accepted = [one for one, result in pairs if not isinstance(result, HubError)]
        # Had the refused commands never been sent, the same would have happened.
        assert self.room.decided(accepted, prepared.known).outcome[1:] == outcome[1:]
        self._follow(pairs, prepared.known)
        self.room.keep(outcome)
        for command, result in pairs:
            if command.origin.idempotency is not None:
                self.keys.keep(command, result)
                self.answered.append((command, result))
                if crash == "after commit":
                    again = self.keys.answer(command.origin.idempotency, self.room)
                    assert again == _as_told(result)

    def _follow(self, pairs: list[tuple[c.Command, Result]], known: frozenset[str]) -> None:
        """Had the commands been decided one after the other, the same would have happened; and so
        the model can look at each of them."""
        room = self.room.fork()
        for command, result in pairs:
            before = dict(room.reservations)
            one = room.decided([command], known | (room.reservations.keys() - before.keys()))
            assert one.outcome.results == [result], (command, one.outcome.results, result)
            room.keep(one.outcome)
            known |= {made.id for made in one.outcome.created}
            self.book.room = room
            follow(self.book, Step(command, result, before, room.reservations, room.now))
        self.book.room = self.room
        self.after = room

    @invariant()
    def one_batch_does_what_its_commands_do_one_after_the_other(self) -> None:
        if hasattr(self, "after"):
            assert self.after.positions == self.room.positions
            assert self.after.reservations == self.room.reservations
            assert self.after.supply_lines == self.room.supply_lines


def _as_told(result: Result) -> Result:
    """An answer as it is kept: the chain of a position is nobody's but the ledger's."""
    if isinstance(result, StockChange):
        return result._replace(position=result.position._replace(chain=None))
    return result


TestRandomHistory = RandomHistory.TestCase
TestRandomHistory.settings = explored(20, steps=20)


@pytest.mark.slow
class TestLongRandomHistory(RandomHistory.TestCase):  # type: ignore[misc, valid-type]
    """The same, longer and more often."""

    settings = explored(200, steps=50)
