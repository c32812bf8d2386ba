"""The default is no."""

import pytest

from hub.domain.errors import Forbidden
from hub.domain.principal import AccessScope, Principal, trusted


@pytest.mark.parametrize("scope", AccessScope)
def test_a_principal_may_do_only_what_his_scopes_say(scope: AccessScope) -> None:
    Principal("shop", frozenset({scope})).require(scope)
    others = frozenset(AccessScope) - {scope}
    with pytest.raises(Forbidden) as refused:
        Principal("shop", others).require(scope)
    assert refused.value.data == {"scope": scope.value, "principal": "shop"}


def test_the_hub_itself_may_do_everything() -> None:
    principal = trusted("hub")
    for scope in AccessScope:
        principal.require(scope)
