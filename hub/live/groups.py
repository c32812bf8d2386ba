"""Who watches what: mailboxes by key, so that each dirty key is computed once for all of them."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from hub.live.mailbox import K, Mailbox

V = TypeVar("V")


class Group(Generic[K, V]):
    """The mailboxes of subscribers whose answers are the same for the same key."""

    def __init__(self) -> None:
        self._by_key: dict[K, set[Mailbox[K, V]]] = {}
        self._all: set[Mailbox[K, V]] = set()

    def join(self, mailbox: Mailbox[K, V], keys: Iterable[K] | None) -> None:
        """Watch some keys, or with None every key."""
        if keys is None:
            self._all.add(mailbox)
            return
        for key in keys:
            self._by_key.setdefault(key, set()).add(mailbox)

    def leave(self, mailbox: Mailbox[K, V], keys: Iterable[K] | None) -> None:
        """Watch them no longer."""
        if keys is None:
            self._all.discard(mailbox)
            return
        for key in keys:
            members = self._by_key.get(key)
            if members is not None:
                members.discard(mailbox)
                if not members:
                    del self._by_key[key]

    def watched(self, keys: Iterable[K]) -> list[K]:
        """Those of `keys` that somebody watches."""
        return list(keys) if self._all else [key for key in keys if key in self._by_key]

    def keys(self) -> list[K]:
        """The keys that are watched by name."""
        return list(self._by_key)

    def offer(self, key: K, value: V) -> int:
        """Give a value to everyone who watches its key; how many they were."""
        members = self._by_key.get(key, set())
        for mailbox in members:
            mailbox.offer(key, value)
        for mailbox in self._all:
            mailbox.offer(key, value)
        return len(members) + len(self._all)

    @property
    def watches_all(self) -> bool:
        """Whether somebody watches every key."""
        return bool(self._all)

    @property
    def empty(self) -> bool:
        """Whether nobody watches anything."""
        return not self._by_key and not self._all
