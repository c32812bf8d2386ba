"""The default is no."""

import pytest

from hub.domain.errors import Forbidden
from hub.domain.principal import INCLUDED_IN, AccessScope, Principal, trusted


@pytest.mark.parametrize("scope", AccessScope)
def test_a_principal_may_do_only_what_his_scopes_say(scope: AccessScope) -> None:
    Principal("shop", frozenset({scope})).require(scope)
    others = frozenset(AccessScope) - {scope, INCLUDED_IN.get(scope)}
    with pytest.raises(Forbidden) as refused:
        Principal("shop", others).require(scope)
    assert refused.value.data == {"scope": scope.value, "principal": "shop"}


def test_who_may_write_reservations_may_hold_and_not_the_other_way_round() -> None:
    hold, write = AccessScope.RESERVATIONS_HOLD, AccessScope.RESERVATIONS_WRITE
    Principal("shop", frozenset({write})).require(hold)
    with pytest.raises(Forbidden) as refused:
        Principal("shop", frozenset({hold})).require(write)
    assert refused.value.data == {"scope": "reservations:write", "principal": "shop"}


def test_the_hub_itself_may_do_everything() -> None:
    principal = trusted("hub")
    for scope in AccessScope:
        principal.require(scope)
