"""All rules over a history and its book, and the part of the history that shows what is wrong."""

from collections import Counter
from collections.abc import Iterator

from tests.jepsen import rules_of_answers, rules_of_ends, rules_of_events, rules_of_stock
from tests.jepsen.book import Book
from tests.jepsen.evidence import Evidence, Violation
from tests.jepsen.history import History

RULES = (
    *rules_of_answers.RULES,
    *rules_of_stock.RULES,
    *rules_of_ends.RULES,
    *rules_of_events.RULES,
)

SHOWN_OF_EACH_RULE = 3
ANSWER_CHARACTERS = 500
NOTES_AROUND_SECONDS = 2.0


def check(history: History, book: Book) -> list[Violation]:
    """What breaks a rule, in the order of the rules; nothing, if all is well."""
    evidence = Evidence(history, book)
    return [violation for rule in RULES for violation in rule(evidence)]


def report(violations: list[Violation], history: History) -> str:
    """The first violations of each rule with their operations, entries and kills, each with its
    time in seconds since the run began."""
    by_rule = Counter(violation.rule for violation in violations)
    lines = [f"{len(violations)} violations: {dict(by_rule)}"]
    shown: Counter[str] = Counter()
    for violation in violations:
        shown[violation.rule] += 1
        if shown[violation.rule] <= SHOWN_OF_EACH_RULE:
            lines.append(f"\n[{violation.rule}] {violation.sentence}")
            lines += [line for _, line in sorted(_shown(violation, history))]
    return "\n".join(lines)


def _shown(violation: Violation, history: History) -> Iterator[tuple[float, str]]:
    times = [movement.at for movement in violation.movements]
    for one in dict.fromkeys(violation.operations):
        for attempt in one.attempts:
            times += [attempt.invoked, attempt.completed]
            span = f"{_time(attempt.invoked, history)} – {_time(attempt.completed, history)}"
            what = f"{one.client} {type(one.asked).__name__} {one.key} {tuple(one.asked)}"
            answer = attempt.answer[:ANSWER_CHARACTERS]
            text = f"  {span}  {what} at {attempt.server}: {attempt.outcome.upper()} {answer}"
            yield attempt.invoked, text
    for movement in dict.fromkeys(violation.movements):
        yield movement.at, f"  {_time(movement.at, history)}  in the ledger: {movement}"
    if times:
        first, last = min(times) - NOTES_AROUND_SECONDS, max(times) + NOTES_AROUND_SECONDS
        for note in history.notes:
            if first <= note.at <= last:
                yield note.at, f"  {_time(note.at, history)}  {note.sentence}"


def _time(at: float, history: History) -> str:
    return f"{at - history.began:.4f}"
