"""An item as it was read, and the answers that were made of it since."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from hub.domain.audience import Bands, told
from hub.domain.availability import Availability, availability_in, availability_of
from hub.domain.item import Item
from hub.domain.policies import Channel, Rules
from hub.domain.position import Position
from hub.domain.principal import Audience
from hub.domain.values import ChannelId, Quantity, Sku

MAX_ANSWERS: Final = 16
"""Answers, and encoded ones, that are kept of one item: quantities are the caller's choice."""

NO_COMPONENTS: Final[Mapping[Sku, tuple[Item, Sequence[Position]]]] = {}

Encode = Callable[[Availability], bytes | None]
"""Puts an answer as it is sent; None where it can't."""


class Form:
    """One way to tell an answer. There is one object for each way, found by its identity."""

    __slots__ = ("_audience", "_bands", "_channel", "_encode", "_quantity")

    def __init__(
        self,
        encode: Encode,
        channel: ChannelId,
        quantity: Quantity,
        audience: Audience,
        bands: Bands,
    ) -> None:
        self._encode = encode
        self._channel = channel
        self._quantity = quantity
        self._audience = audience
        self._bands = bands

    def encoded(self, item: "CachedItem", now: datetime) -> bytes | None:
        """The answer for an item. Raises `UnknownChannel`."""
        answer = item.availability(self._channel, self._quantity, now)
        return self._encode(told(answer, self._audience, self._bands))


class ReadOf(NamedTuple):
    """The read that items came from."""

    number: int
    """Later reads have higher ones."""
    rules: Rules
    """As they were meanwhile: answers are made by no others."""
    now: datetime
    """The database's time."""


class CachedItem:
    """An item, or a kit with its components."""

    __slots__ = (
        "_answers",
        "_components",
        "_item",
        "_positions",
        "asked",
        "encoded",
        "prepared",
        "read",
        "renewals",
    )

    def __init__(
        self,
        read: ReadOf,
        item: Item,
        positions: Sequence[Position],
        components: Mapping[Sku, tuple[Item, Sequence[Position]]] = NO_COMPONENTS,
    ) -> None:
        self.read = read
        self._item = item
        self._positions = positions
        self._components = components
        self._answers: dict[tuple[ChannelId, Quantity], Availability] = {}
        self.asked = False
        """Whether anybody has asked for it since it was read."""
        self.renewals = 0
        """How often it is renewed if nobody asks for it: this time, and so many times less one."""
        self.encoded: dict[Form, bytes] = {}
        """Answers as they were sent."""
        self.prepared: dict[Form, bytes] = {}
        """Answers as they will be sent if somebody asks as others have asked before."""

    @property
    def sku(self) -> Sku:
        """What identifies the item."""
        return self._item.sku

    def availability(
        self, channel: ChannelId | None, quantity: Quantity, now: datetime
    ) -> Availability:
        """The answer in a channel, or in the default one; computed at `now` unless it was before.
        Raises `UnknownChannel`."""
        chosen = self.read.rules.channel(channel)
        key = (chosen.id, quantity)
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) >= MAX_ANSWERS:
                self._answers.clear()
            answer = self._answers[key] = self._computed(chosen, quantity, now)
        return answer

    def _computed(self, channel: Channel, quantity: Quantity, now: datetime) -> Availability:
        rules = self.read.rules
        # Dates that had passed by the read are looked after no more: an answer for an earlier time
        # would stay.
        now = max(now, self.read.now)
        if not self._components:
            return availability_of(self._item, self._positions, rules, channel, quantity, now)
        items = {sku: item for sku, (item, _) in self._components.items()}
        positions = {sku: held for sku, (_, held) in self._components.items()}
        items[self.sku] = self._item
        return availability_in(items, positions, self.sku, rules, channel, quantity, now)

    def send(self, form: Form, now: datetime) -> bytes | None:
        """The answer in a form, kept for the next who asks. Raises `UnknownChannel`."""
        self.asked = True
        answer = self.encoded.get(form)
        if answer is None:
            answer = self.prepared.pop(form, None) or form.encoded(self, now)
            if answer is not None:
                if len(self.encoded) >= MAX_ANSWERS:
                    self.encoded.clear()
                self.encoded[form] = answer
        return answer

    def prepare(self, forms: Sequence[Form], now: datetime) -> None:
        """Put the answers in these forms before anybody asks. Raises `UnknownChannel`."""
        for form in forms:
            answer = form.encoded(self, now)
            if answer is not None:
                self.prepared[form] = answer

    def next_date(self) -> datetime | None:
        """When the answer changes by itself, if nothing else changes it before."""
        now = self.read.now
        parts = [(self._item, self._positions), *self._components.values()]
        dates = [item.released_at for item, _ in parts if item.released_at is not None]
        for _, held in parts:
            for position in held:
                if position.supply:
                    dates += [line.eta for line in position.supply]
        return min((date for date in dates if date > now), default=None) if dates else None
