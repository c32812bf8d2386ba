"""What search engines and shopping feeds are told, and the dates they insist on."""

from datetime import datetime

import pytest

from hub.domain.audience import Bands, told
from hub.domain.availability import Availability
from hub.domain.item import Item
from hub.domain.policies import UNLIMITED
from hub.domain.principal import Audience
from hub.domain.structured_data import google_date, json_ld
from tests.unit.builders import item, later, schedule, units
from tests.unit.domain.stockroom import Stockroom

ANY = UNLIMITED // 1000
SOON = later(days=2)


def answer_for(of: Item, on_hand: int = 0, eta: datetime | None = SOON) -> Availability:
    """The answer for three of an item, of which a delivery is on its way."""
    room = Stockroom(of).stock(BER=on_hand)
    if eta is not None:
        room.do(schedule(2, eta=eta))
    return room.availability(quantity=units(3))


def test_an_offer_tells_how_many_there_are() -> None:
    assert json_ld(answer_for(item(step=0.5), 7)) == {
        "@context": "https://schema.org",
        "@type": "Offer",
        "sku": "MUG",
        "availability": "https://schema.org/InStock",
        "inventoryLevel": {"@type": "QuantitativeValue", "value": 7},
    }


def test_an_offer_without_a_limit_or_told_as_a_band_tells_no_number() -> None:
    unlimited = answer_for(item(backorders=ANY), 7)
    banded = told(answer_for(item(), 7), Audience.BANDS, Bands())
    for answer in (unlimited, banded):
        assert "inventoryLevel" not in json_ld(answer)


@pytest.mark.parametrize(
    ("of", "on_hand", "eta", "status", "starts", "google"),
    [
        (item(), 7, SOON, "InStock", None, None),
        (item(), 0, SOON, "OutOfStock", SOON, None),
        (item(), 0, None, "OutOfStock", None, None),
        (item(backorders=9), 0, SOON, "BackOrder", SOON, SOON),
        (item(backorders=9), 0, None, "BackOrder", None, None),
        (item(preorders=9, released=later(days=5)), 0, SOON, "PreOrder", later(days=5),
         later(days=5)),
        (item(preorders=9, released=later(days=5)), 1, later(days=9), "PreOrder", later(days=5),
         later(days=5)),
        (item(discontinued=True), 7, SOON, "Discontinued", None, None),
    ],
)  # fmt: skip
def test_a_date_is_told_where_one_is_known_and_wanted(
    of: Item,
    on_hand: int,
    eta: datetime | None,
    status: str,
    starts: datetime | None,
    google: datetime | None,
) -> None:
    answer = answer_for(of, on_hand, eta)
    for audience in Audience:
        shown = told(answer, audience, Bands())
        offer = json_ld(shown)
        assert offer["availability"] == f"https://schema.org/{status}"
        assert offer.get("availabilityStarts") == (starts and starts.isoformat())
        assert google_date(shown) == google
