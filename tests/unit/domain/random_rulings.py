"""Random changes of the rules: safety stocks, backorder limits, and what is discontinued."""

from hypothesis import strategies as st

from hub.domain.policies import UNLIMITED, Policy
from hub.domain.values import Quantity, Sku
from tests.unit import builders as a
from tests.unit.domain.random_commands import CHANNELS, KITS, SKUS
from tests.unit.domain.stockroom import Stockroom

Ruling = tuple[tuple[str, str], Quantity | None, Quantity | None, Sku | None]
"""A target, the safety stock and backorder limit it gets, and the item that is discontinued."""

TARGETS = [
    ("item", "MUG"),
    ("item", "OIL"),
    ("category", "oils"),
    ("location", "HAM"),
    ("channel", "web"),
    ("global", ""),
]
rulings: st.SearchStrategy[Ruling] = st.tuples(
    st.sampled_from(TARGETS),
    st.none() | st.integers(0, 3).map(a.units),
    st.none() | st.sampled_from([0, a.units(1), a.units(4), a.units(9), UNLIMITED]),
    st.none() | st.none() | st.sampled_from([*SKUS, *KITS]),
)


def rule_anew(room: Stockroom, ruling: Ruling) -> None:
    """Let a ruling hold from now on."""
    target, safety, limit, gone = ruling
    items, policies = room.items, dict(room.rules.policies)
    if target[0] == "item":
        own = items[target[1]]._replace(safety_stock=safety, backorder_limit=limit)
        items[target[1]] = own
    else:
        policies[target] = Policy(safety_stock=safety, backorder_limit=limit)
    for sku, item in items.items():
        items[sku] = item._replace(discontinued=sku == gone)
    room.rules = a.rules(policies, CHANNELS, kits=KITS)
