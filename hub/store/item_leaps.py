"""Finding items that have several words, each of which many items have.

The items of each word lie in the order of the list. From a place, the next item of one word is
sought, from there the next one of another word, and so on: where all words lead to the same item it
has them all. So what lies between the items that two words share is leapt over, however much it is.
"""

# ruff: noqa: S608 - the words of the statements are ours; values are passed by placeholders

from hub.store.item_walks import Values, Wanted

LEAPS = 1_000
"""Where the words lead past each other more often, walking along one of them is as fast."""


def can_leap(wanted: Wanted) -> bool:
    """Whether there are several words, none rare, and the items of each lie in one order."""
    return (
        len(wanted.words) > 1
        and not wanted.words[0].is_rare
        and all(word.has_few_endings for word in wanted.words)
    )


def leaps_to(
    wanted: Wanted, values: Values, place: tuple[str, str] | None, descending: bool
) -> str:
    """Table expressions, of which `leap (name, sku, agreed, step)` has items in order, from behind
    `place` on: those that have all words where `agreed` is their number."""
    words = len(wanted.words)
    sought = ", ".join(
        f"({turn}, {values.add(word.words, 'text[]')})" for turn, word in enumerate(wanted.words)
    )
    ahead, direction = ("<", "desc") if descending else (">", "asc")
    behind = ""
    if place is not None:
        name, sku = (values.add(part, "text") for part in place)
        behind = f"and (name, sku) {ahead} ({name}, {sku})"

    def seek(turn: str, condition: str) -> str:
        sorting = f"order by n.name {direction}, n.sku {direction} limit 1"
        return f"""(
            select n.name, n.sku from sought s, unnest(s.words) one (word), lateral (
                select name, sku from item_word where word = one.word {condition}
                order by name {direction}, sku {direction} limit 1) n
            where s.turn = {turn} {sorting}) next"""

    onwards = f"""and (name, sku) {ahead}= (l.name, l.sku)
                and (l.agreed < {words} or (name, sku) <> (l.name, l.sku))"""
    return f"""sought (turn, words) as materialized (values {sought}),
        leap (name, sku, agreed, step) as (
            select next.name, next.sku, 1, 1 from {seek("0", behind)}
            union all
            select next.name, next.sku,
                   case when (next.name, next.sku) = (l.name, l.sku) then l.agreed + 1 else 1 end,
                   l.step + 1
            from leap l, lateral {seek(f"l.step % {words}", onwards)}
            where l.step < {LEAPS}
        )"""
