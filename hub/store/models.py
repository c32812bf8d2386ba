"""The catalogue as Tortoise models: items, locations, channels and policies.

The ledger is not here: its tables are written by set-based SQL and created in the migrations.
"""

from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model


class ItemRow(Model):
    """An item and the facts that rules need of it."""

    sku = fields.CharField(max_length=64, primary_key=True)
    name = fields.TextField()
    family = fields.TextField(null=True)
    category = fields.TextField(null=True)
    unit = fields.TextField(default="piece")
    quantity_step = fields.BigIntField(default=1000)
    discontinued = fields.BooleanField(default=False)
    released_at = fields.DatetimeField(null=True)
    attributes: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)

    class Meta:
        table = "item"


class KitComponentRow(Model):
    """So many units of an item in one kit; `id` is `kit component`."""

    id = fields.CharField(max_length=129, primary_key=True)
    kit = fields.CharField(max_length=64)
    component = fields.CharField(max_length=64)
    quantity = fields.BigIntField()

    class Meta:
        table = "kit_component"


class LocationRow(Model):
    """A place that holds stock."""

    id = fields.CharField(max_length=80, primary_key=True)
    name = fields.TextField()
    country = fields.TextField(null=True)
    time_zone = fields.TextField(default="UTC")
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)

    class Meta:
        table = "location"


class ChannelRow(Model):
    """A selling surface; `pool` holds location ids in the order they are asked."""

    id = fields.CharField(max_length=80, primary_key=True)
    name = fields.TextField()
    locale = fields.TextField()
    currency = fields.TextField()
    pool = ArrayField(element_type="text")
    sourcing = fields.TextField(default="fewest_parcels")
    is_default = fields.BooleanField(default=False)

    class Meta:
        table = "channel"


class PolicyRow(Model):
    """What a rule says of its target; `id` is `kind:target`."""

    id = fields.CharField(max_length=80, primary_key=True)
    kind = fields.TextField()
    target = fields.TextField()
    safety_stock = fields.BigIntField(null=True)
    low_stock_mark = fields.BigIntField(null=True)
    backorder_limit = fields.BigIntField(null=True)
    preorder_limit = fields.BigIntField(null=True)
    cart_hold_seconds = fields.IntField(null=True)
    checkout_hold_seconds = fields.IntField(null=True)
    payment_hold_seconds = fields.IntField(null=True)
    low_stock_margin = fields.BigIntField(null=True)
    stale_count_seconds = fields.IntField(null=True)

    class Meta:
        table = "policy"
