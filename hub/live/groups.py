"""Who watches what: receivers by key, so that each dirty key is computed once for all of them."""

from collections.abc import Hashable, Iterable
from typing import Generic, Protocol, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
K_contra = TypeVar("K_contra", bound=Hashable, contravariant=True)
V_contra = TypeVar("V_contra", contravariant=True)


class Receiver(Protocol[K_contra, V_contra]):
    """What takes the newest value of a key."""

    def offer(self, key: K_contra, value: V_contra) -> None:
        """Take a value."""


class Group(Generic[K, V]):
    """The receivers of subscribers whose answers are the same for the same key."""

    def __init__(self) -> None:
        self._by_key: dict[K, set[Receiver[K, V]]] = {}
        self._all: set[Receiver[K, V]] = set()

    def join(self, receiver: Receiver[K, V], keys: Iterable[K] | None) -> None:
        """Watch some keys, or with None every key."""
        if keys is None:
            self._all.add(receiver)
            return
        for key in keys:
            self._by_key.setdefault(key, set()).add(receiver)

    def leave(self, receiver: Receiver[K, V], keys: Iterable[K] | None) -> None:
        """Watch them no longer."""
        if keys is None:
            self._all.discard(receiver)
            return
        for key in keys:
            members = self._by_key.get(key)
            if members is not None:
                members.discard(receiver)
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
        for receiver in members:
            receiver.offer(key, value)
        for receiver in self._all:
            receiver.offer(key, value)
        return len(members) + len(self._all)

    @property
    def watches_all(self) -> bool:
        """Whether somebody watches every key."""
        return bool(self._all)

    @property
    def empty(self) -> bool:
        """Whether nobody watches anything."""
        return not self._by_key and not self._all
