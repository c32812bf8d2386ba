"""What a sender calls items and places, in the hub's words; GTINs and their check digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.errors import InvalidInput
from hub.domain.gtin import LENGTHS, check_digit_of, gtin_of
from hub.domain.sender_names import Case, NameMap, SkuRules


@pytest.mark.parametrize(
    ("rules", "theirs", "ours"),
    [
        (SkuRules(), "a-1", "a-1"),
        (SkuRules(case=Case.UPPER), "a-1", "A-1"),
        (SkuRules(case=Case.LOWER), "A-1", "a-1"),
        (SkuRules(strip_prefix="AC-"), "AC-1", "1"),
        (SkuRules(strip_prefix="AC-"), "ac-1", "ac-1"),
        (SkuRules(add_prefix="AC-"), "1", "AC-1"),
        (SkuRules(strip_prefix="x", case=Case.UPPER, add_prefix="y-"), "xa", "y-A"),
        (SkuRules(gtin=13), "036000291452", "0036000291452"),
        (SkuRules(gtin=12), "0036000291452", "036000291452"),
        (SkuRules(gtin=14, strip_prefix="EAN"), "EAN96385074", "00000096385074"),
        (SkuRules(gtin=8, add_prefix="G"), "00000096385074", "G96385074"),
        (SkuRules(gtin=13, aliases={"4711": "A-1"}), "4711", "A-1"),
        (SkuRules(aliases={"4711": "a"}, case=Case.UPPER, add_prefix="p"), "4711", "a"),
    ],
)
def test_skus_become_the_hubs(rules: SkuRules, theirs: str, ours: str) -> None:
    assert rules.ours(theirs, "sku") == ours


@pytest.mark.parametrize(
    ("text", "digits", "problem"),
    [
        ("036000291453", 13, "036000291453 is no GTIN: its last digit would be 2"),
        ("0360002914", 13, "'0360002914' is no GTIN: one of 8, 12, 13, 14 digits"),
        ("٠٣٦٠٠٠٢٩١٤٥٢", 13, "'٠٣٦٠٠٠٢٩١٤٥٢' is no GTIN: one of 8, 12, 13, 14 digits"),
        ("4006381333931", 12, "4006381333931 has more than 12 digits"),
    ],
)
def test_what_is_no_gtin_is_refused(text: str, digits: int, problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        gtin_of(text, digits, "sku")
    assert refused.value.data == {"field": "sku", "problem": problem}


@given(st.sampled_from(LENGTHS), st.data())
def test_a_gtin_is_the_same_in_every_length_and_no_digit_may_change(
    length: int, data: st.DataObject
) -> None:
    body = data.draw(st.text("0123456789", min_size=length - 1, max_size=length - 1))
    gtin = body + check_digit_of(body)
    longest = gtin_of(gtin, 14, "sku")
    assert longest == gtin.zfill(14)
    assert gtin_of(longest, length, "sku") == gtin
    place = data.draw(st.integers(0, length - 1))
    other = str((int(gtin[place]) + data.draw(st.integers(1, 9))) % 10)
    with pytest.raises(InvalidInput):
        gtin_of(gtin[:place] + other + gtin[place + 1 :], 14, "sku")


def test_names_of_places_are_the_listed_ones_or_stand_for_themselves() -> None:
    names = NameMap(default="BER", names={"Lager 1": "AMS"})
    assert [names.ours(theirs) for theirs in ("Lager 1", "BER", None, "")] == [
        "AMS",
        "BER",
        "BER",
        "BER",
    ]
    assert NameMap().ours(None) is None
