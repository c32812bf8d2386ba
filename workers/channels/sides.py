"""Which API the other side of a target has, and the secrets it wants, from the environment."""

from collections.abc import Mapping

from hub.domain.channel_targets import HttpTarget, ShopifyTarget
from workers.channels.other_side import OtherSide
from workers.channels.plain_http import PlainHttp
from workers.channels.shopify import Shopify


class MissingSecret(Exception):
    """A target names a variable of the environment that is not set."""


def other_side_of(
    name: str, target: ShopifyTarget | HttpTarget, environment: Mapping[str, str]
) -> OtherSide:
    """What speaks to a target. Raises `MissingSecret`."""
    if isinstance(target, ShopifyTarget):
        return Shopify(target, _secret(name, target.token_env, environment))
    variable = target.authorization_env
    authorization = None if variable is None else _secret(name, variable, environment)
    return PlainHttp(target, authorization)


def _secret(name: str, variable: str, environment: Mapping[str, str]) -> str:
    value = environment.get(variable)
    if not value:
        raise MissingSecret(
            f"The channel target {name} takes its secret from {variable}, which is not set."
        )
    return value
