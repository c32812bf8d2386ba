"""Rows that stand together as the lines of one order become one change."""

from collections.abc import Iterable, Iterator, Sequence

from hub.domain.errors import InvalidInput
from hub.domain.events import MAX_LINES
from workers.formats.mapped import LINE_FIELDS, Mapper, Row, refused
from workers.formats.reading import Change, Finding
from workers.formats.remembered import Remembered


def read_mapped(mapper: Mapper, rows: Iterable[Row | Finding]) -> Iterator[Change | Finding]:
    """What rows say: each a change, or of orders those that stand together. An order is taken whole
    or not at all."""
    if "order" in mapper.fields and "sku" in mapper.fields:
        told = Remembered()
        for group in _groups(mapper, rows):
            first = _further_up(mapper, group, told)
            yield from _order(mapper, group) if first is None else _apart(group, first)
    else:
        yield from mapper.readings(rows)


def _further_up(mapper: Mapper, group: Sequence[Row | Finding], told: Remembered) -> int | None:
    """The line from which an order to be placed has had rows already."""
    row = group[0]
    if mapper.event != "order.placed" or isinstance(row, Finding):
        return None
    return told.replace(hash(str(row.values[mapper.fields.index("order")])), row.line)


def _apart(group: Sequence[Row | Finding], first: int) -> Iterator[Finding]:
    """The order was placed, or left out, by its first rows: these would be lost, or another one."""
    problem = f"is of an order with rows further up, from line {first} on; keep them together"
    for row in group:
        yield refused("APART", problem, row.line, "order") if isinstance(row, Row) else row


def _groups(mapper: Mapper, rows: Iterable[Row | Finding]) -> Iterator[list[Row | Finding]]:
    """The rows of one order after the other. One too broken to tell its order belongs to the order
    around it, if there is one."""
    place = mapper.fields.index("order")
    group: list[Row | Finding] = []
    broken: list[Row | Finding] = []
    order: object = None
    for row in rows:
        if isinstance(row, Finding):
            broken.append(row)
            if len(broken) <= MAX_LINES:
                continue
            # So many broken rows are of no one order, and are not kept.
            yield from ([one] for one in broken)
        elif group and row.values[place] == order:
            group += [*broken, row]
            if len(group) > MAX_LINES:
                problem = f"is of an order with over {MAX_LINES} rows; is order mapped rightly?"
                raise InvalidInput(field=f"line {row.line}", problem=problem)
        else:
            if group:
                yield group
            yield from ([one] for one in broken)
            group, order = [row], row.values[place]
        broken = []
    if group:
        yield group
    yield from ([one] for one in broken)


def _order(mapper: Mapper, group: list[Row | Finding]) -> Iterator[Change | Finding]:
    readings = [row if isinstance(row, Finding) else mapper.change(row) for row in group]
    changes = [one for one in readings if isinstance(one, Change)]
    bad = [one for one in readings if isinstance(one, Finding)]
    if not bad:
        first, *others = [_with_line(one) for one in changes]
        for other in others:
            problem = _difference(first, other)
            if problem is not None:
                bad.append(problem)
        if not bad:
            first.data["lines"] += [line for one in others for line in one.data["lines"]]
            yield first
            return
    at_fault = {one.place.line for one in bad}
    why = f"is left out with its order, because of line {bad[0].place.line}"
    rest = [
        refused("LEFT_OUT", why, one.place.line)
        for one in changes
        if one.place.line not in at_fault
    ]
    yield from sorted([*bad, *rest], key=lambda one: one.place.line or 0)


def _with_line(change: Change) -> Change:
    data = change.data
    line = {name: data.pop(name) for name in LINE_FIELDS if name in data}
    return change._replace(data={**data, "lines": [line]})


def _difference(first: Change, other: Change) -> Finding | None:
    for name in {*first.data, *other.data} - {"lines"}:
        if first.data.get(name) != other.data.get(name):
            problem = "differs from the order's first row"
            return refused("DIFFERS", problem, other.place.line, name)
    if (first.id, first.time) != (other.id, other.time):
        return refused("DIFFERS", "has another id or time than the order's first row",
                       other.place.line)  # fmt: skip
    return None
