"""An idempotency key is bound to who asks and to all that is asked."""

import pytest

from hub.domain.commands import Idempotency, Origin
from hub.domain.errors import InvalidInput
from hub.domain.principal import trusted
from hub.domain.values import Line
from hub.services.requests import origin_of

SHOP = trusted("shop")


def asked(*request: object, key: str = "k") -> Idempotency:
    """What the key of a request is bound to."""
    idempotency = origin_of(SHOP, key, *request).idempotency
    assert idempotency is not None
    return idempotency


def test_without_a_key_only_the_name_of_the_principal_is_kept() -> None:
    assert origin_of(SHOP, None, "reserve", 3) == Origin("shop")


def test_the_same_request_has_the_same_hash_and_any_other_another() -> None:
    lines = [Line("MUG", 1000), Line("LAMP", 2000)]
    same = asked("reserve", lines, "web", None)
    assert same == asked("reserve", tuple(lines), "web", None)
    assert (same.key, len(same.digest), len(same.request_hash)) == ("k", 16, 16)
    assert same.digest != asked("reserve", lines, "web", None, key="another").digest
    for other in (
        asked("extend", lines, "web", None),
        asked("reserve", lines[::-1], "web", None),
        asked("reserve", [Line("MUG", 1000)], "web", None),
        asked("reserve", [Line("MUG", 1001), Line("LAMP", 2000)], "web", None),
        asked("reserve", lines, "web", ""),
        asked("reserve", lines, None, "web"),
    ):
        assert other.request_hash != same.request_hash


@pytest.mark.parametrize("key", ["x", "x" * 255, "käse 🧀"])
def test_a_key_is_any_text_of_a_bounded_length(key: str) -> None:
    assert asked(key=key).key == key


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x00", "a\nb"])
def test_a_key_that_is_empty_too_long_or_unprintable_is_refused(key: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        asked(key=key)
    assert refused.value.data == {
        "field": "idempotencyKey",
        "problem": "must have 1 to 255 printable characters",
    }
