"""What is told of a delivery can be kept, whatever came."""

import orjson

from hub.domain.source_deliveries import delivery_finding


def test_a_finding_that_quotes_what_is_no_text_or_has_no_end_can_be_kept() -> None:
    told = delivery_finding(
        "ERROR", "ODD", "a\x00b\ud800c" + "x" * 5_000, 1, "\udfff" + "y" * 5_000
    )
    assert told.problem.startswith("a?b?cx")
    assert (len(told.problem), len(told.column or "")) == (500, 200)
    assert orjson.loads(orjson.dumps(told._asdict()))["problem"] == told.problem
    assert delivery_finding("WARNING", "ODD", "plain").column is None
