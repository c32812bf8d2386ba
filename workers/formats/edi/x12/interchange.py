"""Interchanges, functional groups and transaction sets of X12, and whether their counts are right.

A transaction set is looked through to its end before it is read: one that was cut off, or refused
for a wrong count, changes nothing, and the 997 says so.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from hub.domain.errors import InvalidInput
from workers.formats.edi.faults import Fault, error, warning
from workers.formats.edi.options import Options
from workers.formats.edi.segments import Segment
from workers.formats.edi.survey import Survey, is_count, shown, survey_of, written_badly
from workers.formats.edi.x12.document import SetContext, TransactionSet, moment_in, whole
from workers.formats.edi.x12.reply import (
    MAX_GROUPS,
    MAX_PART,
    MAX_SETS,
    Addressed,
    GroupAnswer,
    SetAnswer,
    acknowledgement_of,
)
from workers.formats.edi.x12.tokens import NotX12, Tokens, isa_faults
from workers.formats.reading import Envelope, Reading, Severity

_ENVELOPE: Final = frozenset({"ISA", "GS", "ST", "GE", "IEA"})
_TOTAL: Final = "CTT"
_TRAILER_MISSING: Final = "2"
_CONTROL_DIFFERS: Final = "3"
_COUNT_DIFFERS: Final = "4"
_NOT_SUPPORTED: Final = "1"
_SEGMENTS_IN_ERROR: Final = "5"
_GROUP_TRAILER_MISSING: Final = "3"
_GROUP_CONTROL_DIFFERS: Final = "4"
_GROUP_COUNT_DIFFERS: Final = "5"


class X12Reader:
    """Reads all interchanges of what was sent."""

    def __init__(
        self,
        tokens: Tokens,
        sets: Mapping[str, TransactionSet],
        options: Options,
        envelope: Envelope,
    ) -> None:
        self._tokens = tokens
        self._sets = sets
        self._options = options
        self._envelope = envelope
        self._isa: Segment | None = None
        self._addressed: Addressed | None = None
        self._group: GroupAnswer | None = None
        self._gs: Segment | None = None
        self._groups: list[GroupAnswer] = []
        self._groups_count = 0
        self._named_sets = 0
        self._begun = False
        self._stray = False
        self._counted = {tag for one in sets.values() for kind in one.counted for tag in kind}
        self._handlers: dict[str, Callable[[Segment], Iterator[Reading | Fault]]] = {
            "ISA": self._open_interchange,
            "GS": self._open_group,
            "ST": self._read_set,
            "GE": self._end_group,
            "IEA": self._end_interchange,
        }

    def read(self) -> Iterator[Reading]:
        """The changes and findings in their order; raises `InvalidInput` for what is not X12."""
        try:
            while (segment := self._tokens.next()) is not None:
                yield from shown(self._take(segment))
            yield from self._close_interchange(None)
        except NotX12 as refused:
            if not self._begun:
                raise InvalidInput(field="ISA", problem=f"{refused}: this is not X12") from None
            yield error("REST_NOT_READ", f"{refused}; the rest of the file was not read").finding()
            yield from self._close_interchange(None)
        finally:
            self._tokens.source.close()

    def _take(self, segment: Segment) -> Iterator[Reading | Fault]:
        if segment.tag != "ST":
            yield from written_badly([segment])
        handler = self._handlers.get(segment.tag)
        if handler is not None:
            self._stray = False
            yield from handler(segment)
        elif segment.tag != "TA1" and not self._stray:
            self._stray = True
            problem = "stands outside of a transaction set; what follows it there is passed over"
            yield error("STRAY_SEGMENT", problem, segment)

    def _open_interchange(self, isa: Segment) -> Iterator[Reading | Fault]:
        yield from self._close_interchange(isa)
        self._isa, self._begun = isa, True
        assert self._tokens.separators is not None
        self._addressed = Addressed(isa, self._tokens.separators)
        yield from isa_faults(isa, self._tokens.header_flaws)
        if isa.get(15) == "T":
            if self._options.refuse_tests:
                yield error("TEST", "is a test; it changes nothing", isa, 15)
            else:
                yield warning("TEST", "is marked as a test and was read all the same", isa, 15)

    def _open_group(self, gs: Segment) -> Iterator[Reading | Fault]:
        yield from self._close_group(None, gs)
        if self._isa is None:
            yield warning("ENVELOPE", "a functional group begins outside of an interchange", gs)
        self._group, self._gs = GroupAnswer(gs), gs
        self._groups_count += 1

    def _read_set(self, st: Segment) -> Iterator[Reading | Fault]:
        if self._group is None:
            yield warning("ENVELOPE", "a transaction set begins outside of a group", st)
        start = self._tokens.source.mark()
        survey = survey_of(self._tokens, "SE", _ENVELOPE, _TOTAL, self._counted)
        after = self._tokens.source.mark()
        answer = SetAnswer(st)
        for fault in self._verdict(st, survey, answer):
            answer.tell(fault)
            answer.refused = answer.refused or fault.severity is Severity.ERROR
            yield fault
        known = self._sets.get(st.get(1))
        if known is not None and not answer.refused and not self._is_refused_test():
            self._tokens.source.return_to(start)
            body = self._body(survey.segments - 2)
            for reading in known.read(body, self._context()):
                if isinstance(reading, Fault):
                    answer.tell(reading)
                yield reading
            self._tokens.source.return_to(after)
        if self._group is not None:
            self._named_sets += 1
            self._group.add(answer, self._named_sets <= MAX_SETS)

    def _verdict(self, st: Segment, survey: Survey, answer: SetAnswer) -> Iterator[Fault]:
        """What is wrong with the set as a whole; an error refuses it."""
        number, known = st.get(2), self._sets.get(st.get(1))
        yield from written_badly([st, *survey.flaws])
        if survey.overlong:
            answer.note(_SEGMENTS_IN_ERROR)
            yield error("SEGMENT_TOO_LONG", f"set {number} cannot be read; it changes nothing", st)
        if survey.end is None:
            answer.note(_TRAILER_MISSING)
            problem = f"set {number} has no SE: it was cut off and changes nothing"
            yield error("TRUNCATED", problem, st)
            return
        if known is None:
            answer.note(_NOT_SUPPORTED)
            problem = f"{st.get(1)!r} is not read here; there are {', '.join(self._sets)}"
            yield error("UNSUPPORTED", problem, st, 1)
        if not is_count(survey.end.get(1), survey.segments):
            answer.note(_COUNT_DIFFERS)
            yield self._count(survey.end, 1, f"the set has {survey.segments} segments")
        if survey.end.get(2) != number:
            answer.note(_CONTROL_DIFFERS)
            yield self._number(survey.end, 2, f"ST02 is {number!r}")
        if known is not None and survey.total and known.counted:
            sums = [sum(survey.tags.get(tag, 0) for tag in kind) for kind in known.counted]
            if not any(is_count(survey.total.get(1), one) for one in sums):
                said = " or ".join(
                    f"{one} {'/'.join(sorted(kind))}"
                    for one, kind in zip(sums, known.counted, strict=True)
                )
                yield self._count(survey.total, 1, f"the set has {said}")
        if known is not None and self._group is not None:
            group = self._group.kind
            if group != known.group:
                problem = f"{st.get(1)} belongs into a group {known.group}, not {group!r}"
                yield warning("GROUP", problem, st, 1)

    def _close_group(self, ge: Segment | None, at: Segment | None) -> Iterator[Reading | Fault]:
        group, self._group = self._group, None
        gs, self._gs = self._gs, None
        if group is None or gs is None:
            if ge is not None:
                yield warning("ENVELOPE", "ends a group that did not begin", ge)
            return
        if ge is None:
            group.notes.append(_GROUP_TRAILER_MISSING)
            problem = f"group {gs.get(6)} has no GE; sets may be missing"
            yield warning("TRUNCATED", problem, at or gs)
        else:
            group.told = ge.get(1)[:MAX_PART]
            if not is_count(group.told, group.received):
                group.notes.append(_GROUP_COUNT_DIFFERS)
                yield warning(
                    "CONTROL_COUNT",
                    f"says {group.told!r}, and the group has {group.received} sets",
                    ge,
                    1,
                )
            if ge.get(2) != gs.get(6):
                group.notes.append(_GROUP_CONTROL_DIFFERS)
                problem = f"says {ge.get(2)!r}, and GS06 is {gs.get(6)!r}"
                yield warning("CONTROL_NUMBER", problem, ge, 2)
        if len(self._groups) < MAX_GROUPS:
            self._groups.append(group)

    def _end_group(self, ge: Segment) -> Iterator[Reading | Fault]:
        yield from self._close_group(ge, ge)

    def _end_interchange(self, iea: Segment) -> Iterator[Reading | Fault]:
        yield from self._close_group(None, iea) if self._group else ()
        isa = self._isa
        if isa is None:
            yield warning("ENVELOPE", "ends an interchange that did not begin", iea)
            return
        if not is_count(iea.get(1), self._groups_count):
            problem = f"says {iea.get(1)!r}, and the interchange has {self._groups_count} groups"
            yield warning("CONTROL_COUNT", problem, iea, 1)
        if iea.get(2) != isa.get(13):
            problem = f"says {iea.get(2)!r}, and ISA13 is {isa.get(13)!r}"
            yield warning("CONTROL_NUMBER", problem, iea, 2)
        yield from self._answer()

    def _close_interchange(self, at: Segment | None) -> Iterator[Reading]:
        """At the end of the file, or where the next one begins: there was no IEA."""
        yield from shown(self._close_group(None, at)) if self._group else ()
        if self._isa is not None:
            problem = f"interchange {self._isa.get(13)} has no IEA; groups may be missing"
            yield warning("TRUNCATED", problem, at or self._isa).finding()
            yield from self._answer()

    def _answer(self) -> Iterator[Reading]:
        if self._addressed is not None and self._options.acknowledge:
            now = self._envelope.received_at
            reply = acknowledgement_of(self._addressed, self._groups, now)
            if reply is not None:
                yield reply
        self._isa = self._addressed = None
        self._groups, self._groups_count, self._named_sets = [], 0, 0

    def _body(self, length: int) -> Iterator[Segment]:
        for _ in range(length):
            segment = self._tokens.next()
            if segment is None:
                return
            yield segment

    def _context(self) -> SetContext:
        gs = self._gs
        isa = self._isa
        sent_at = None if gs is None else moment_in(gs, 4, 5, self._options)
        return SetContext(
            self._options,
            (whole(gs, 2) if gs else "") or (whole(isa, 6) if isa else "") or "sender",
            (whole(gs, 3) if gs else "") or (whole(isa, 8) if isa else "") or "receiver",
            None if isinstance(sent_at, Fault) else sent_at,
        )

    def _is_refused_test(self) -> bool:
        return self._options.refuse_tests and self._isa is not None and self._isa.get(15) == "T"

    def _count(self, segment: Segment, element: int, truth: str) -> Fault:
        say = error if self._options.refuse_counts else warning
        problem = f"says {segment.get(element)!r}, and {truth}"
        return say("CONTROL_COUNT", problem, segment, element)

    def _number(self, segment: Segment, element: int, truth: str) -> Fault:
        say = error if self._options.refuse_counts else warning
        problem = f"says {segment.get(element)!r}, and {truth}"
        return say("CONTROL_NUMBER", problem, segment, element)
