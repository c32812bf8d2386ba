"""Interchanges, groups and messages of EDIFACT, and whether their counts are right.

A message is looked through to its end before it is read: one that was cut off, or refused for a
wrong count, changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

from hub.domain.errors import InvalidInput
from workers.formats.edi.edifact import reply
from workers.formats.edi.edifact.message import Message, MessageContext
from workers.formats.edi.edifact.tokens import Characters, NotEdifact, Tokens
from workers.formats.edi.faults import Fault, error, warning
from workers.formats.edi.moments import edifact_moment
from workers.formats.edi.options import Options
from workers.formats.edi.segments import Segment
from workers.formats.edi.survey import Survey, is_count, shown, survey_of, written_badly
from workers.formats.reading import Envelope, Reading, Severity

_ENVELOPE: Final = frozenset({"UNB", "UNG", "UNH", "UNE", "UNZ"})
_LINES: Final = "2"
"""The control total of CNT that counts lines."""
_ASKED: Final = "1"
_TEST: Final = "1"


class EdifactReader:
    """Reads all interchanges of what was sent."""

    def __init__(
        self,
        tokens: Tokens,
        messages: Mapping[str, Message],
        options: Options,
        envelope: Envelope,
    ) -> None:
        self._tokens = tokens
        self._messages = messages
        self._options = options
        self._envelope = envelope
        self._unb: Segment | None = None
        self._characters: Characters | None = None
        self._group: Segment | None = None
        self._in_group = 0
        self._groups = 0
        self._count = 0
        self._answerable = 0
        self._refused: list[reply.RefusedMessage] = []
        self._begun = False
        self._stray = False
        self._counted = {tag for one in messages.values() for tag in one.counted}
        self._handlers: dict[str, Callable[[Segment], Iterator[Reading | Fault]]] = {
            "UNB": self._open_interchange,
            "UNG": self._open_group,
            "UNH": self._read_message,
            "UNE": self._end_group,
            "UNZ": self._end_interchange,
        }

    def read(self) -> Iterator[Reading]:
        """The changes and findings in their order; raises `InvalidInput` for what is no EDIFACT."""
        try:
            while (segment := self._tokens.next()) is not None:
                yield from shown(self._take(segment))
            yield from shown(self._close_interchange(None))
        except NotEdifact as refused:
            if not self._begun:
                raise InvalidInput(field="UNB", problem=f"{refused}: this is not EDIFACT") from None
            yield error("REST_NOT_READ", f"{refused}; the rest of the file was not read").finding()
            yield from shown(self._close_interchange(None))
        finally:
            self._tokens.source.close()

    def _take(self, segment: Segment) -> Iterator[Reading | Fault]:
        if segment.tag != "UNH":
            yield from written_badly([segment])
        handler = self._handlers.get(segment.tag)
        if handler is not None:
            self._stray = False
            yield from handler(segment)
        elif not self._stray:
            self._stray = True
            problem = "stands outside of a message; what follows it there is passed over"
            yield error("STRAY_SEGMENT", problem, segment)

    def _open_interchange(self, unb: Segment) -> Iterator[Reading | Fault]:
        yield from self._close_interchange(unb)
        self._unb, self._characters, self._begun = unb, self._tokens.characters, True
        if self._tokens.unknown_set is not None:
            problem = f"{self._tokens.unknown_set!r} is no character set known here; read as UTF-8"
            yield warning("CHARACTER_SET", problem, unb, 1)
        if unb.get(11) == _TEST:
            if self._options.refuse_tests:
                yield error("TEST", "is a test; it changes nothing", unb, 11)
            else:
                yield warning("TEST", "is marked as a test and was read all the same", unb, 11)

    def _open_group(self, ung: Segment) -> Iterator[Reading | Fault]:
        yield from self._close_group(None, ung)
        self._group, self._in_group = ung, 0
        self._groups += 1

    def _read_message(self, unh: Segment) -> Iterator[Reading | Fault]:
        self._begun = True
        if self._unb is None:
            yield warning("ENVELOPE", "a message begins outside of an interchange", unh)
        start = self._tokens.source.mark()
        survey = survey_of(self._tokens, "UNT", _ENVELOPE, "CNT", self._counted)
        after = self._tokens.source.mark()
        self._count += 1
        self._in_group += 1
        self._answerable += unh.get(2) != "CONTRL"
        refused = False
        for fault, reason in self._verdict(unh, survey):
            if fault.severity is Severity.ERROR and not refused:
                refused = True
                if len(self._refused) < reply.MAX_REFUSED and len(unh.elements) > 2:
                    self._refused.append(reply.refused_message(unh, reason))
            yield fault
        test = self._unb is not None and self._unb.get(11) == _TEST
        if refused or (test and self._options.refuse_tests):
            return
        self._tokens.source.return_to(start)
        known = self._messages[unh.get(2)]
        yield from known.read(self._body(survey.segments - 2), self._context())
        self._tokens.source.return_to(after)

    def _verdict(self, unh: Segment, survey: Survey) -> Iterator[tuple[Fault, str]]:
        """What is wrong with the message as a whole, each with its code for a CONTRL; an error
        refuses it."""
        number, known = unh.get(1), self._messages.get(unh.get(2))
        for fault in written_badly([unh, *survey.flaws]):
            yield fault, reply.UNSPECIFIED
        if survey.overlong:
            problem = f"message {number} cannot be read; it changes nothing"
            yield error("SEGMENT_TOO_LONG", problem, unh), reply.UNSPECIFIED
        if survey.end is None:
            problem = f"message {number} has no UNT: it was cut off and changes nothing"
            yield error("TRUNCATED", problem, unh), reply.MISSING
            return
        if known is None:
            problem = f"{unh.get(2)!r} is not read here; there are {', '.join(self._messages)}"
            yield error("UNSUPPORTED", problem, unh, 2), reply.VALUE_NOT_SUPPORTED
        if not is_count(survey.end.get(1), survey.segments):
            truth = f"the message has {survey.segments} segments"
            yield self._differs("CONTROL_COUNT", survey.end, 1, truth), reply.COUNT_DIFFERS
        if survey.end.get(2) != number:
            truth = f"UNH01 is {number!r}"
            yield self._differs("CONTROL_NUMBER", survey.end, 2, truth), reply.REFERENCE_DIFFERS
        total = survey.total
        if known is not None and known.counted and total is not None and total.get(1) == _LINES:
            lines = sum(survey.tags.get(tag, 0) for tag in known.counted)
            if not is_count(total.get(1, 2), lines):
                problem = f"says {total.get(1, 2)!r}, and the message has {lines} lines"
                say = error if self._options.refuse_counts else warning
                yield say("CONTROL_COUNT", problem, total, 1), reply.COUNT_DIFFERS

    def _close_group(self, une: Segment | None, at: Segment | None) -> Iterator[Fault]:
        group, self._group = self._group, None
        if group is None:
            if une is not None:
                yield warning("ENVELOPE", "ends a group that did not begin", une)
        elif une is None:
            problem = f"group {group.get(5)} has no UNE; messages may be missing"
            yield warning("TRUNCATED", problem, at or group)
        else:
            if not is_count(une.get(1), self._in_group):
                problem = f"says {une.get(1)!r}, and the group has {self._in_group} messages"
                yield warning("CONTROL_COUNT", problem, une, 1)
            if une.get(2) != group.get(5):
                problem = f"says {une.get(2)!r}, and UNG05 is {group.get(5)!r}"
                yield warning("CONTROL_NUMBER", problem, une, 2)

    def _end_group(self, une: Segment) -> Iterator[Reading | Fault]:
        yield from self._close_group(une, une)

    def _end_interchange(self, unz: Segment) -> Iterator[Reading | Fault]:
        if self._group is not None:
            yield from self._close_group(None, unz)
        unb = self._unb
        if unb is None:
            yield warning("ENVELOPE", "ends an interchange that did not begin", unz)
            return
        parts = self._groups or self._count
        if not is_count(unz.get(1), parts):
            what = "groups" if self._groups else "messages"
            problem = f"says {unz.get(1)!r}, and the interchange has {parts} {what}"
            yield warning("CONTROL_COUNT", problem, unz, 1)
        if unz.get(2) != unb.get(5):
            problem = f"says {unz.get(2)!r}, and UNB05 is {unb.get(5)!r}"
            yield warning("CONTROL_NUMBER", problem, unz, 2)
        yield from self._answer()

    def _close_interchange(self, at: Segment | None) -> Iterator[Reading | Fault]:
        """At the end of the file, or where the next one begins: there was no UNZ."""
        if self._group is not None:
            yield from self._close_group(None, at)
        if self._unb is not None:
            problem = f"interchange {self._unb.get(5)} has no UNZ; messages may be missing"
            yield warning("TRUNCATED", problem, at or self._unb)
            yield from self._answer()

    def _answer(self) -> Iterator[Reading]:
        unb, characters = self._unb, self._characters
        asked = unb is not None and unb.get(9) == _ASKED
        if unb and characters and asked and self._options.acknowledge and self._answerable:
            yield reply.control_of(unb, characters, self._refused, self._envelope.received_at)
        self._unb = None
        self._refused, self._count, self._groups, self._answerable = [], 0, 0, 0

    def _body(self, length: int) -> Iterator[Segment]:
        for _ in range(length):
            segment = self._tokens.next()
            if segment is None:
                return
            yield segment

    def _context(self) -> MessageContext:
        unb = self._unb
        return MessageContext(
            self._options,
            (unb.get(2) if unb else "") or "sender",
            (unb.get(3) if unb else "") or "receiver",
            None if unb is None else self._sent_at(unb),
        )

    def _sent_at(self, unb: Segment) -> datetime | None:
        text = unb.get(4) + unb.get(4, 2)
        form = {10: "201", 12: "203"}.get(len(text), "")
        try:
            return edifact_moment(text, form, self._options.time_zone)
        except ValueError:
            return None

    def _differs(self, code: str, segment: Segment, element: int, truth: str) -> Fault:
        say = error if self._options.refuse_counts else warning
        return say(code, f"says {segment.get(element)!r}, and {truth}", segment, element)
