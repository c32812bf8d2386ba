"""An item as it was read, and the answers that were made of it since."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from hub.domain.audience import Bands, told
from hub.domain.availability import Availability, availability_in
from hub.domain.item import Item
from hub.domain.policies import Channel, Rules
from hub.domain.position import Position
from hub.domain.principal import Audience
from hub.domain.values import ChannelId, Quantity, Sku

MAX_ANSWERS: Final = 16
"""Answers, and encoded ones, that are kept of one item: quantities are the caller's choice."""

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

    def encoded(self, item: "CachedItem", rules: Rules, now: datetime) -> bytes | None:
        """The answer for an item. Raises `UnknownChannel`."""
        answer = item.availability(rules, rules.channel(self._channel), self._quantity, now)
        return self._encode(told(answer, self._audience, self._bands))


class CachedItem:
    """An item, or a kit with its components."""

    __slots__ = ("_answers", "_items", "_positions", "asked", "encoded", "prepared", "sku")

    def __init__(
        self, sku: Sku, items: Mapping[Sku, Item], positions: Mapping[Sku, Sequence[Position]]
    ) -> None:
        self.sku = sku
        self._items = items
        self._positions = positions
        self._answers: dict[tuple[ChannelId, Quantity], Availability] = {}
        self.asked = False
        """Whether anybody has asked for it since it was read."""
        self.encoded: dict[Form, bytes] = {}
        """Answers as they were sent."""
        self.prepared: dict[Form, bytes] = {}
        """Answers as they will be sent if somebody asks as others have asked before."""

    def availability(
        self, rules: Rules, channel: Channel, quantity: Quantity, now: datetime
    ) -> Availability:
        """The answer in a channel; computed at `now` unless it was before."""
        key = (channel.id, quantity)
        answer = self._answers.get(key)
        if answer is None:
            if len(self._answers) >= MAX_ANSWERS:
                self._answers.clear()
            answer = self._answers[key] = availability_in(
                self._items, self._positions, self.sku, rules, channel, quantity, now
            )
        return answer

    def send(self, form: Form, rules: Rules, now: datetime) -> bytes | None:
        """The answer in a form, kept for the next who asks. Raises `UnknownChannel`."""
        answer = self.encoded.get(form)
        if answer is None:
            answer = self.prepared.pop(form, None) or form.encoded(self, rules, now)
            if answer is not None:
                if len(self.encoded) >= MAX_ANSWERS:
                    self.encoded.clear()
                self.encoded[form] = answer
        return answer

    def prepare(self, forms: Sequence[Form], rules: Rules, now: datetime) -> None:
        """Put the answers in these forms before anybody asks. Raises `UnknownChannel`."""
        for form in forms:
            answer = form.encoded(self, rules, now)
            if answer is not None:
                self.prepared[form] = answer

    def next_date(self, now: datetime) -> datetime | None:
        """When the answer changes by itself, if nothing else changes it before."""
        dates = [item.released_at for item in self._items.values()]
        for held in self._positions.values():
            dates += [line.eta for position in held for line in position.supply]
        return min((date for date in dates if date is not None and date > now), default=None)
