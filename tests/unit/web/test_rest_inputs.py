"""Keys and conditions of requests, as their headers may be written."""

import pytest

from hub.domain.errors import InvalidInput
from hub.web.rest.conditions import expected_version
from hub.web.rest.inputs import idempotency_key_from
from hub.web.rest.problems import RestProblem


@pytest.mark.parametrize(
    ("header", "key"),
    [
        (None, None),
        ('"8e03978e-40d5"', "8e03978e-40d5"),
        ("8e03978e-40d5", "8e03978e-40d5"),
        (r'"a\"b\\c"', r"a\"b\c".replace('\\"', '"')),
        (' "padded" ', "padded"),
    ],
)
def test_a_key_may_stand_in_quotes_or_alone(header: str | None, key: str | None) -> None:
    assert idempotency_key_from(header) == key


@pytest.mark.parametrize("header", ["", '""', '"open', 'a"b', '"a"b"', "x" * 256])
def test_what_is_no_key_is_named(header: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        idempotency_key_from(header)
    assert refused.value.field == "Idempotency-Key"


@pytest.mark.parametrize(
    ("header", "version"), [(None, None), ("*", None), ('"7-0123456789abcdef"', 7)]
)
def test_an_etag_names_the_version_to_change(header: str | None, version: int | None) -> None:
    assert expected_version(header) == version


@pytest.mark.parametrize("header", ["", "7", '"7"', 'W/"7-0123456789abcdef"'])
def test_what_is_no_etag_of_ours_matches_nothing(header: str) -> None:
    with pytest.raises(RestProblem) as refused:
        expected_version(header)
    assert refused.value.status == 412
