"""The rules and item facts that this process decides by, kept until their revision changes."""

from collections.abc import Iterable, Mapping

from hub.domain.item import Item
from hub.domain.policies import DEFAULT_HOLD_SECONDS, Rules
from hub.domain.reservations import HoldStage
from hub.domain.sourcing import STRATEGIES, Strategy
from hub.store.catalogue import read_rules
from hub.store.database import Database

MAX_CACHED_ITEMS = 100_000


class RulesCache:
    """The newest rules this process knows. Writers and readers compare the revision they find in
    the database with the one here, and refresh when it has moved on."""

    def __init__(
        self,
        database: Database,
        strategies: Mapping[str, Strategy] = STRATEGIES,
        hold_seconds: Mapping[HoldStage, int] = DEFAULT_HOLD_SECONDS,
    ) -> None:
        self._database = database
        self._strategies = strategies
        self._hold_seconds = hold_seconds
        self.current = Rules({}, {}, {}, None, revision=-1)
        self._items: dict[str, Item] = {}
        self._begun = 0
        self._taken = 0
        """Of the refreshes, counted as they begin: the one that `current` is from."""

    async def refresh(self) -> Rules:
        """Read the rules again."""
        self._begun += 1
        begun = self._begun
        rules = await read_rules(self._database, self._strategies, self._hold_seconds)
        # Two may read at once, and the one that began first may end last. The revision does not
        # tell which is newer: it goes back where a database is restored.
        if begun > self._taken:
            self._taken = begun
            if rules.revision != self.current.revision:
                self._items.clear()
            self.current = rules
        return self.current

    def forget_items(self) -> None:
        """The database is not what it was, though its revision may look the same."""
        self._items.clear()

    def items(self, skus: Iterable[str]) -> tuple[list[Item], list[str]]:
        """The items known here, and the skus that are not."""
        known: list[Item] = []
        missing: list[str] = []
        for sku in skus:
            item = self._items.get(sku)
            if item is None:
                missing.append(sku)
            else:
                known.append(item)
        return known, missing

    def remember(self, items: Iterable[Item], revision: int) -> None:
        """Keep items that were read at a revision, if it is still the current one."""
        if revision != self.current.revision:
            return
        if len(self._items) > MAX_CACHED_ITEMS:
            self._items.clear()
        for item in items:
            self._items[item.sku] = item

    def with_components(self, skus: Iterable[str]) -> list[str]:
        """The skus, and those of the components of the kits among them."""
        kits = self.current.kits
        wanted = dict.fromkeys(skus)
        for sku in list(wanted):
            wanted.update((component.sku, None) for component in kits.get(sku, ()))
        return list(wanted)

    def with_kits(self, skus: Iterable[str]) -> set[str]:
        """The skus, and those of the kits that they are part of."""
        kits_with = self.current.kits_with
        return {kit for sku in skus for kit in (sku, *kits_with.get(sku, ()))}
