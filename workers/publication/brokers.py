"""Which broker a URL names. The clients of most come with the extra `publish`."""

from collections.abc import Callable
from importlib import import_module
from typing import Final

from workers.publication.broker import Broker, BrokerUrl, UnknownBroker, broker_url_from

_KINDS: Final = {
    "redis": ("redis_streams", "RedisStream"),
    "rediss": ("redis_streams", "RedisStream"),
    "amqp": ("rabbitmq", "RabbitExchange"),
    "amqps": ("rabbitmq", "RabbitExchange"),
    "nats": ("nats_jetstream", "NatsStream"),
    "tls": ("nats_jetstream", "NatsStream"),
    "kafka": ("kafka", "KafkaTopic"),
    "kafkas": ("kafka", "KafkaTopic"),
}
"""Module and class by scheme, so that a client is needed only by who uses it."""


def broker_of(url: str) -> tuple[BrokerUrl, Broker]:
    """The topic that a URL names. Raises `UnknownBroker`, also where its client is missing."""
    target = broker_url_from(url)
    if target.scheme not in _KINDS:
        raise UnknownBroker(
            f"HUB_PUBLISH_URL begins with {target.scheme}://, and must with one of "
            f"{', '.join(f'{scheme}://' for scheme in _KINDS)}"
        )
    module, name = _KINDS[target.scheme]
    try:
        kind: Callable[[BrokerUrl], Broker] = getattr(
            import_module(f"workers.publication.{module}"), name
        )
    except ModuleNotFoundError as error:
        raise UnknownBroker(
            f"Publishing to {target.scheme}:// needs the package {error.name}: "
            "pip install 'availability-hub[publish]'"
        ) from error
    return target, kind(target)
