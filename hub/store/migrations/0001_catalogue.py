from orjson import loads
from tortoise import fields, migrations
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="ChannelRow",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80),
                ),
                ("name", fields.TextField(unique=False)),
                ("locale", fields.TextField(unique=False)),
                ("currency", fields.TextField(unique=False)),
                ("pool", ArrayField(element_type="TEXT")),
                ("sourcing", fields.TextField(default="fewest_parcels", unique=False)),
                ("is_default", fields.BooleanField(default=False)),
            ],
            options={
                "table": "channel",
                "app": "hub",
                "pk_attr": "id",
                "table_description": "A selling surface; `pool` holds location ids in the order they are asked.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ItemRow",
            fields=[
                (
                    "sku",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64),
                ),
                ("name", fields.TextField(unique=False)),
                ("family", fields.TextField(null=True, unique=False)),
                ("category", fields.TextField(null=True, unique=False)),
                ("unit", fields.TextField(default="piece", unique=False)),
                ("quantity_step", fields.BigIntField(default=1000)),
                ("discontinued", fields.BooleanField(default=False)),
                (
                    "released_at",
                    fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
                ),
                ("attributes", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "item",
                "app": "hub",
                "pk_attr": "sku",
                "table_description": "An item and the facts that rules need of it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="KitComponentRow",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=129),
                ),
                ("kit", fields.CharField(max_length=64)),
                ("component", fields.CharField(max_length=64)),
                ("quantity", fields.BigIntField()),
            ],
            options={
                "table": "kit_component",
                "app": "hub",
                "pk_attr": "id",
                "table_description": "So many units of an item in one kit; `id` is `kit component`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LocationRow",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80),
                ),
                ("name", fields.TextField(unique=False)),
                ("country", fields.TextField(null=True, unique=False)),
                ("time_zone", fields.TextField(default="UTC", unique=False)),
                ("latitude", fields.FloatField(null=True)),
                ("longitude", fields.FloatField(null=True)),
            ],
            options={
                "table": "location",
                "app": "hub",
                "pk_attr": "id",
                "table_description": "A place that holds stock.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PolicyRow",
            fields=[
                (
                    "id",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80),
                ),
                ("kind", fields.TextField(unique=False)),
                ("target", fields.TextField(unique=False)),
                ("safety_stock", fields.BigIntField(null=True)),
                ("low_stock_mark", fields.BigIntField(null=True)),
                ("backorder_limit", fields.BigIntField(null=True)),
                ("preorder_limit", fields.BigIntField(null=True)),
                ("cart_hold_seconds", fields.IntField(null=True)),
                ("checkout_hold_seconds", fields.IntField(null=True)),
                ("payment_hold_seconds", fields.IntField(null=True)),
            ],
            options={
                "table": "policy",
                "app": "hub",
                "pk_attr": "id",
                "table_description": "What a rule says of its target; `id` is `kind:target`.",
            },
            bases=["Model"],
        ),
    ]
