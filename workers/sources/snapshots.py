"""Files of sources that tell all there is: their counts are taken in as one snapshot."""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import orjson

from hub.domain.commands import SetStock
from hub.domain.errors import InvalidInput
from hub.domain.snapshots import CountedRow, Missing, RefusedRow, Whole
from hub.domain.source_deliveries import delivery_finding
from hub.domain.sources import OrdersIncluded, Source
from hub.domain.values import LocationId, Sku, identifier_from
from workers.formats.reading import (
    Change,
    Envelope,
    Finding,
    Format,
    Place,
    Reading,
    Reply,
    Severity,
)
from workers.sources.drafts import Arrival, draft_of, unknown_location
from workers.sources.event_ids import EventNames

_READINGS_AT_ONCE: Final = 500
_NAME_CHARACTERS: Final = 400
_CONFIGURATION_CHARACTERS: Final = 16

_DOUBTS: Final = ("CONTROL_COUNT", "NO_LOCATION", "NO_QUANTITY", "PARTIAL_PAGE", "TRUNCATED")
"""Warnings which mean that more items were told, or meant to be, than were read."""

LEFT_OUT_KEPT: Final = Finding(
    Severity.WARNING,
    "LEFT_OUT_KEPT",
    "not all that was sent could be read, so items that the snapshot leaves out stay as they are",
)


@dataclass
class Survey:
    """What a file is made of, before anything of it is taken in."""

    counts: int = 0
    """Those that are part of a whole."""
    others: int = 0
    """All other changes."""
    errors: int = 0
    """Rows that could not be read."""
    doubts: int = 0
    """Warnings that make it doubtful what is left out."""
    warned: int = 0
    watermarks: bool = False
    """Whether a count of the whole says which orders it includes."""
    warnings: list[Finding] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether there is a snapshot in it that can be taken as one."""
        return self.counts > 0 and not self.watermarks


async def survey(
    source: Source, format: Format, content: BinaryIO, envelope: Envelope, kept: int
) -> Survey:
    """Read a file through, and keep the first of its warnings. Raises `InvalidInput` where a
    snapshot breaks off; where there is none that is left to who reads the file."""
    found = Survey()
    try:
        for number, reading in enumerate(format.read(content, source.options, envelope), 1):
            _note(found, reading, source, kept)
            if number % _READINGS_AT_ONCE == 0:
                await asyncio.sleep(0)
    except InvalidInput:
        if found.counts:
            raise
    return found


def _note(found: Survey, reading: Reading, source: Source, kept: int) -> None:
    if isinstance(reading, Reply):
        found.replies.append(reading)
    elif isinstance(reading, Finding):
        if reading.severity is Severity.ERROR:
            found.errors += 1
            return
        found.doubts += _is_doubt(reading, source)
        found.warned += 1
        if len(found.warnings) < kept:
            found.warnings.append(reading)
    elif _is_count(reading):
        found.counts += 1
        told = reading.data.get("includesOrdersUpTo") is not None
        found.watermarks |= source.include_orders is OrdersIncluded.TIME or (
            told and source.include_orders is OrdersIncluded.FIELD
        )
    else:
        found.others += 1


def without_counts(format: Format) -> Format:
    """The same format, but only what it tells beside the counts of a whole."""

    def read(
        content: BinaryIO, options: Mapping[str, Any], envelope: Envelope
    ) -> Iterator[Reading]:
        for reading in format.read(content, options, envelope):
            if isinstance(reading, Change) and not _is_count(reading):
                yield reading

    return format._replace(read=read)


def whole_of(source: Source, file_name: str, key: str) -> Whole:
    """A file as a snapshot. Read by other settings it is another one, which may say more."""
    plain = {**source.as_plain(), "signing": None}
    # How soon it has to come again is no part of what it says.
    plain.pop("freshness", None)
    settings = hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest()
    name = f"{file_name[:_NAME_CHARACTERS]} {key} {settings[:_CONFIGURATION_CHARACTERS]}"
    return Whole(source.name, name, source.missing, rails=source.guard_rails)


class SnapshotRows:
    """Reads the counts of a whole, in the hub's words and one at a time."""

    def __init__(self, source: Source, arrival: Arrival, locations: Set[LocationId]) -> None:
        self._source = source
        self._arrival = arrival
        self._locations = locations
        self._names = EventNames(source.ids, arrival.key)
        self._last = 0
        self.keeps_left_out = False
        """Whether a row was refused that may be about any item that is left out."""

    def read(
        self, format: Format, content: BinaryIO, envelope: Envelope
    ) -> Iterator[CountedRow | RefusedRow]:
        """The rows of a file. Whether their items exist is looked up with all others at once."""
        for reading in format.read(content, self._source.options, envelope):
            row = self._row(reading)
            if row is not None:
                yield row

    def _row(self, reading: Reading) -> CountedRow | RefusedRow | None:
        if isinstance(reading, Finding):
            wrong = reading.severity is Severity.ERROR or _is_doubt(reading, self._source)
            # It does not say of which item, so it may be any that is left out.
            return self._refused(reading, None) if wrong else None
        if not isinstance(reading, Change) or not _is_count(reading):
            return None
        draft = draft_of(reading, self._source, self._arrival, self._names)
        if draft is None:
            return None
        if isinstance(draft, Finding):
            return self._refused(draft, self._sku_of(reading))
        count = draft.command
        assert isinstance(count, SetStock)
        if count.location not in self._locations:
            return self._refused(unknown_location(reading, count.location), count.sku)
        return CountedRow(
            self._number(reading.place),
            count.sku,
            count.location,
            count.on_hand,
            count.unavailable,
            count.as_of or self._arrival.received_at,
        )

    def _refused(self, finding: Finding, sku: Sku | None) -> RefusedRow:
        # Fit for the database, whatever it quotes of what was sent.
        _, code, problem, _, column = delivery_finding(
            finding.severity.value, finding.code, finding.problem, *finding.place
        )
        self.keeps_left_out |= sku is None and self._source.missing is Missing.ZERO
        number = self._number(finding.place)
        return RefusedRow(number, column, sku, None, code, problem)

    def _number(self, place: Place) -> int:
        """A row's line. Where one holds several counts, those behind the first are numbered on:
        each row of a snapshot needs a number of its own."""
        self._last = max(self._last + 1, place.line or 0)
        return self._last

    def _sku_of(self, change: Change) -> Sku | None:
        """The item that a count which is refused is about, if that can be told."""
        theirs = change.data.get("sku")
        if not isinstance(theirs, str):
            return None
        try:
            return identifier_from(self._source.skus.ours(theirs.strip(), "sku"), "sku")
        except InvalidInput:
            return None


def _is_count(change: Change) -> bool:
    return change.snapshot and change.type == "stock.set"


def _is_doubt(warning: Finding, source: Source) -> bool:
    return source.missing is Missing.ZERO and warning.code in _DOUBTS
