"""What pages of items are found by: words, and what the formula said last of each item.

`listing` and `listing_stock` are projections: workers/listing.py keeps them, a moment behind the
ledger, and nothing is decided by them. They repeat the item's name and category, because a page is
fast only where one index holds what is filtered by and what is sorted by.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

# One way to take words apart for what is stored and for what is looked for, whatever the database's
# locale takes for a letter. Cut off where a row would be too long for an index.
WORDS_OF = """
create function words_of(content text) returns text[]
language sql immutable strict parallel safe
return array_remove(regexp_split_to_array(lower(left(content, 500)), '[^[:alnum:]]+'), '')
"""

# Sorted by bytes, so that the words with one beginning lie together in every locale. The names lie
# in the order of the list, within each word: a page of a word is read off, however many items have
# it.
ITEM_WORD = """
create table item_word (
    word text collate "C" not null,
    name text not null,
    sku text not null,
    primary key (word, name, sku)
)
"""

# Once a statement, for all items that it has written.
KEEP_WORDS = [
    """
create function forget_words() returns trigger language plpgsql as $$
begin
    delete from item_word w using old_items o, unnest(words_of(o.sku) || words_of(o.name)) old_word
    where w.word = old_word and w.name = o.name and w.sku = o.sku;
    return null;
end $$
""",
    """
create function add_words() returns trigger language plpgsql as $$
begin
    insert into item_word
    select distinct new_word, n.name, n.sku
    from new_items n, unnest(words_of(n.sku) || words_of(n.name)) new_word;
    return null;
end $$
""",
    """
create function change_words() returns trigger language plpgsql as $$
begin
    delete from item_word w
    using old_items o join new_items n on n.sku = o.sku and n.name <> o.name,
          unnest(words_of(o.sku) || words_of(o.name)) old_word
    where w.word = old_word and w.name = o.name and w.sku = o.sku;
    insert into item_word
    select distinct new_word, n.name, n.sku
    from old_items o join new_items n on n.sku = o.sku and n.name <> o.name,
         unnest(words_of(n.sku) || words_of(n.name)) new_word;
    return null;
end $$
""",
    """
create trigger item_added after insert on item
referencing new table as new_items for each statement execute function add_words()
""",
    """
create trigger item_changed after update on item
referencing old table as old_items new table as new_items
for each statement execute function change_words()
""",
    """
create trigger item_removed after delete on item
referencing old table as old_items for each statement execute function forget_words()
""",
    """
insert into item_word
select distinct w, i.name, i.sku from item i, unnest(words_of(i.sku) || words_of(i.name)) w
""",
]

LISTING = """
create table listing (
    channel text not null,
    sku text not null,
    name text not null,
    category text,
    status text not null,
    low boolean not null,
    counted_at timestamptz,
    primary key (channel, sku) include (status, low, counted_at, category)
)
"""

LISTING_STOCK = """
create table listing_stock (
    location text not null,
    sku text not null,
    name text not null,
    category text,
    counted_at timestamptz not null,
    primary key (location, sku) include (counted_at, category)
)
"""

# How far the projections follow the change log, by which rules, until when releases have been
# looked at, and behind which item all items still have to be gone through. One row, written in the
# transaction of what it tells of; whoever writes moves `turn` on.
PROGRESS = [
    """
create table listing_progress (
    cursor text not null,
    rules bytea not null,
    released_until timestamptz not null,
    sweep_after text,
    turn bigint not null
)
""",
    "insert into listing_progress values (pg_current_snapshot()::text, '', now(), '', 0)",
]

INDEXES = [
    "create index item_by_category on item (category, name, sku) where category is not null",
    "create index item_by_category_sku on item (category, sku) where category is not null",
    "create index item_discontinued on item (name, sku) where discontinued",
    "create index item_released on item (released_at) where released_at is not null",
    """create index listing_by_name on listing (channel, name, sku)
       include (status, low, counted_at, category)""",
    """create index listing_by_status on listing (channel, status, name, sku)
       include (low, counted_at, category)""",
    """create index listing_by_category on listing (channel, category, name, sku)
       include (status, low, counted_at) where category is not null""",
    """create index listing_low on listing (channel, name, sku)
       include (status, counted_at, category) where low""",
    """create index listing_by_count on listing (channel, counted_at, sku)
       include (name, status, low, category) where counted_at is not null""",
    """create index listing_stock_by_name on listing_stock (location, name, sku)
       include (counted_at, category)""",
]


# Pages are read off the indexes alone where the server knows that nobody sees other rows than
# others do, which it notes when it cleans up: sooner than its defaults say.
UPKEEP = [
    f"""alter table {table} set (autovacuum_vacuum_scale_factor = 0.02,
        autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)"""
    for table in ("item", "item_word", "listing", "listing_stock")
]


class Migration(migrations.Migration):
    dependencies = [("hub", "0003_holds_ahead")]
    operations = [
        ops.RunSQL(
            [WORDS_OF, ITEM_WORD, *KEEP_WORDS, LISTING, LISTING_STOCK, *PROGRESS, *INDEXES, *UPKEEP]
        )
    ]
