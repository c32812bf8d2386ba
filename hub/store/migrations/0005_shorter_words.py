"""Words are cut off where a row of `item_word` would be too long for its index.

A key holds a word, the whole name and the sku, and may have 2,704 bytes. A name of 500 Chinese
letters is one word: it was in the key twice, and the item could not be written.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

# What is looked for goes through the same function, so that a longer word is found by its
# beginning.
WORDS_OF = """
create or replace function words_of(content text) returns text[]
language sql immutable strict parallel safe
return array(
    select left(word, 64)
    from regexp_split_to_table(lower(left(content, 500)), '[^[:alnum:]]+') word
    where word <> '')
"""

CUT_WORDS = [
    """
insert into item_word
select distinct left(word, 64), name, sku from item_word where length(word) > 64
on conflict do nothing
""",
    "delete from item_word where length(word) > 64",
]


class Migration(migrations.Migration):
    dependencies = [("hub", "0004_listing")]
    operations = [ops.RunSQL([WORDS_OF, *CUT_WORDS])]
