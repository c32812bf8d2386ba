"""The words that items are found by: which there are, and how many items have them."""

from typing import NamedTuple

from hub.store.database import Database

FEW = 2_000
"""So many items are looked at and sorted in no time."""
MOST_ENDINGS = 20
"""Words with one beginning whose items are merged in the order of the list."""

# The words with one beginning are found by one look at the index each, not by reading their items.
# A single letter or digit, such as a size, is a whole word; more may be the beginning of one.
_WORDS = """
    with recursive sought as (
        select distinct w as beginning, length(w) = 1 as whole,
               w || case when length(w) = 1 then '' else chr(1114111) end as until
        from unnest(words_of($1::text)) w
    ), ending as (
        select s.beginning, s.until, 1 as place,
               (select word from item_word where word >= s.beginning and word <= s.until
                order by word limit 1) as word
        from sought s
        union all
        select e.beginning, e.until, e.place + 1,
               (select word from item_word where word > e.word and word <= e.until
                order by word limit 1)
        from ending e where e.word is not null and e.place <= $2::int
    )
    select s.beginning, s.whole, s.until,
           array(select word from ending e where e.beginning = s.beginning and e.word is not null
                 order by word) as words,
           (select count(*) from (
                select from item_word where word >= s.beginning and word <= s.until
                order by word, name, sku limit $3::int + 1) i) as items
    from sought s
    order by items, s.beginning"""


class SoughtWord(NamedTuple):
    """A word that somebody looks for, and what there is of it."""

    beginning: str
    whole: bool
    until: str
    """Words from the beginning up to here, by their bytes, begin with it."""
    words: tuple[str, ...]
    """Those that there are; one more than `MOST_ENDINGS` stands for many."""
    items: int
    """Items that have one, counted once for each; one more than `FEW` stands for many."""

    @property
    def is_rare(self) -> bool:
        """Whether its items can be looked at one by one."""
        return self.items <= FEW

    @property
    def has_few_endings(self) -> bool:
        """Whether the lists of its words can be merged."""
        return len(self.words) <= MOST_ENDINGS

    @property
    def pattern(self) -> str:
        """A regular expression for texts that hold it. Words are letters and digits: nothing in
        them means anything to it."""
        return f"(^|[^[:alnum:]]){self.beginning}{'($|[^[:alnum:]])' if self.whole else ''}"


async def read_words(database: Database, text: str) -> tuple[SoughtWord, ...]:
    """The words of a text, the rarest first."""
    rows = await database.fetch(_WORDS, [text, MOST_ENDINGS, FEW])
    return tuple(SoughtWord(**{**row, "words": tuple(row["words"])}) for row in rows)
