"""What an answer promises is what a reservation gets, for any stock, rules and quantity."""

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.availability import availability_of
from hub.domain.decide import decide
from hub.domain.errors import InsufficientStock
from hub.domain.item import Item
from hub.domain.ledger import Ledger
from hub.domain.policies import Policy, Rules
from hub.domain.position import Position
from hub.domain.reservations import Reservation
from hub.domain.status import AvailabilityStatus
from hub.domain.values import Quantity, quantity_from, quantity_number, quantity_text
from tests.unit import builders as a
from tests.unit.domain.exploration import explored
from tests.unit.holds import reserve

LOCATIONS = ("BER", "HAM", "CPH")
TARGETS = [("category", "mugs"), *(("location", one) for one in LOCATIONS), ("channel", "web")]

tenths = st.integers(0, 40).map(lambda n: n / 10)
positions = st.lists(
    st.builds(
        a.position,
        st.sampled_from(LOCATIONS),
        st.integers(-20, 80).map(lambda n: n / 10),
        unavailable=tenths,
        allocated=tenths,
        reserved=tenths,
        backordered=st.just(0) | tenths,
    ),
    unique_by=lambda one: one.location,
)
policies = st.dictionaries(
    st.sampled_from(TARGETS), st.builds(a.policy, st.none() | tenths, st.none() | tenths)
)
pools = st.permutations(LOCATIONS).map(lambda pool: pool[:2])
items = st.builds(
    a.item,
    category=st.none() | st.just("mugs"),
    step=st.just(0.001),
    safety=st.none() | tenths,
    backorders=st.none() | tenths,
)


def known(policies: dict[tuple[str, str], Policy], pool: list[str]) -> Rules:
    """Rules of a channel `web` that sells from this pool."""
    return a.rules(policies, [a.channel("web", *pool)])


@explored(150)
@given(item=items, held=positions, policies=policies, pool=pools, asked=st.integers(1, 16_000))
def test_a_quantity_is_granted_if_and_only_if_it_was_promised(
    item: Item,
    held: list[Position],
    policies: dict[tuple[str, str], Policy],
    pool: list[str],
    asked: Quantity,
) -> None:
    rules = known(policies, pool)
    for quantity in {asked, _most(item, held, rules), _most(item, held, rules) + 1} - {0}:
        answer = availability_of(item, held, rules, rules.channel("web"), quantity, a.NOW)
        hold = reserve(("MUG", quantity / 1000))
        (result,) = decide([hold], Ledger([item], held), rules, a.NOW).results
        if answer.can_fulfil:
            assert isinstance(result, Reservation)
            assert sum(line.held + line.backordered for line in result.lines) == quantity
        else:
            line = {"sku": "MUG", "requested": quantity, "available": answer.quantity}
            assert result == InsufficientStock(lines=[line])


@explored(150)
@given(item=items, held=positions, policies=policies, pool=pools, asked=st.integers(1, 16_000))
def test_every_answer_explains_itself(
    item: Item,
    held: list[Position],
    policies: dict[tuple[str, str], Policy],
    pool: list[str],
    asked: Quantity,
) -> None:
    rules = known(policies, pool)
    answer = availability_of(item, held, rules, rules.channel("web"), asked, a.NOW)
    whole = answer.breakdown
    for part in whole.locations:
        free = part.on_hand - part.unavailable - part.allocated - part.reserved
        assert part.available_to_sell == max(0, free - part.backordered - part.safety_stock)
        assert part.shortfall == max(0, -free)
    in_stock = sum(part.available_to_sell for part in whole.locations)
    assert answer.quantity is not None
    assert answer.quantity == in_stock + whole.beyond_stock >= 0
    assert answer.can_fulfil is (answer.quantity >= asked) is (answer.limiting_reason is None)
    assert (answer.status is AvailabilityStatus.OUT_OF_STOCK) is (answer.quantity == 0)
    assert (answer.limiting_rule is not None) is (answer.limiting_reason == "SAFETY_STOCK")
    on_shelves = sum(max(0, part.on_hand) for part in whole.locations) + whole.beyond_stock
    if whole.locations and asked > on_shelves:
        assert answer.limiting_reason == "ON_HAND"


@explored(150)
@given(st.integers(-(10**12), 10**12))
def test_a_quantity_survives_every_way_it_is_told(quantity: Quantity) -> None:
    assert quantity_from(quantity_text(quantity)) == quantity
    assert quantity_from(quantity_number(quantity)) == quantity


def _most(item: Item, held: list[Position], rules: Rules) -> Quantity:
    most = availability_of(item, held, rules, rules.channel("web"), 1, a.NOW).quantity
    assert most is not None
    return most
