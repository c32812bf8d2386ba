"""Whatever comes, a format makes readings of it or says `InvalidInput`: it never crashes."""

import copy
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.errors import InvalidInput
from hub.domain.events import EVENT_TYPES
from tests.unit.domain.exploration import explored
from tests.unit.workers.formats.api_samples import (
    FORMATS,
    RECEIVED_AT,
    Sample,
    sample_at,
    sample_paths,
)
from workers.formats.reading import Change, Envelope, Finding, Severity

pytestmark = pytest.mark.slow

_SAMPLES: dict[str, list[Sample]] = {
    name: [sample_at(path) for path in sample_paths() if path.parent.name == name]
    for name in FORMATS
}
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**60, max_value=2**80)
    | st.sampled_from([10**400, -1, 0, 1e308, "NaN", "1e999999999", "9" * 5_000, "\x00", "\ud800"])
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


def check_readings(sample: Sample, content: bytes) -> None:
    """All that is read is what the contract says it may be."""
    envelope = Envelope(RECEIVED_AT, headers=sample.headers)
    refusal, readings = None, []
    try:
        readings = list(sample.format.read(io.BytesIO(content), sample.options, envelope))
    except InvalidInput as error:
        refusal = error
    assert refusal is None or (refusal.data["field"] and refusal.data["problem"])
    for reading in readings:
        if isinstance(reading, Finding):
            assert reading.severity in Severity
            assert reading.code.isupper()
            assert 0 < len(reading.problem) <= 300
            assert (reading.problem + (reading.place.column or "")).isprintable()
        else:
            assert isinstance(reading, Change)
            assert reading.type in EVENT_TYPES
            assert reading.place.line
            assert reading.time is None or reading.time.tzinfo is not None
            check_exact(reading.data)


def check_exact(value: Any) -> None:
    """Nothing in the data of a change is a float, or anything else that is not exact JSON."""
    if isinstance(value, dict):
        for one in value.values():
            check_exact(one)
    elif isinstance(value, list):
        for one in value:
            check_exact(one)
    else:
        assert value is None or isinstance(value, str | int)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_arbitrary_bytes(name: str) -> None:
    @given(st.sampled_from(_SAMPLES[name]), st.binary(max_size=200))
    @explored(40)
    def reads(sample: Sample, content: bytes) -> None:
        check_readings(sample, content)

    reads()


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_sample_with_bytes_cut_out_and_put_in(name: str) -> None:
    @given(st.sampled_from(_SAMPLES[name]), st.data())
    @explored(60)
    def reads(sample: Sample, data: st.DataObject) -> None:
        size = len(sample.content)
        start = data.draw(st.integers(0, size))
        end = data.draw(st.integers(start, min(size, start + 40)))
        put_in = data.draw(st.binary(max_size=20))
        check_readings(sample, sample.content[:start] + put_in + sample.content[end:])

    reads()


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"magento"}))
def test_a_sample_with_values_of_other_kinds(name: str) -> None:
    @given(st.sampled_from(_SAMPLES[name]), st.data())
    @explored(80)
    def reads(sample: Sample, data: st.DataObject) -> None:
        lines = [json.loads(line) for line in sample.content.splitlines()]
        for _ in range(data.draw(st.integers(1, 3))):
            lines = _mutated(lines, data)
        check_readings(sample, b"\n".join(json.dumps(line).encode() for line in lines))

    reads()


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"magento"}))
@pytest.mark.parametrize("depth", [400, 5_000])
def test_a_sample_with_deep_values_at_every_place(name: str, depth: int) -> None:
    deep = "[" * depth + "]" * depth
    for sample in _SAMPLES[name]:
        for line in sample.content.splitlines():
            for path in _paths(json.loads(line))[::3]:
                marked = json.dumps(_put([json.loads(line)], [0, *path], "<deep>")[0])
                check_readings(sample, marked.replace('"<deep>"', deep).encode())


def _mutated(value: Any, data: st.DataObject) -> Any:
    paths = _paths(value)
    if not paths:
        return value
    path = data.draw(st.sampled_from(paths))
    if data.draw(st.booleans()):
        return _put(value, path, data.draw(_VALUES))
    return _without(value, path)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[list[Any]]:
    """The places of all values within a value."""
    places: Any = ()
    if isinstance(value, dict):
        places = value.keys()
    elif isinstance(value, list):
        places = range(len(value))
    found = []
    for place in places:
        found.append([*path, place])
        found += _paths(value[place], (*path, place))
    return found


def _put(value: Any, path: list[Any], new: Any) -> Any:
    changed = copy.deepcopy(value)
    _parent(changed, path)[path[-1]] = new
    return changed


def _without(value: Any, path: list[Any]) -> Any:
    changed = copy.deepcopy(value)
    del _parent(changed, path)[path[-1]]
    return changed


def _parent(value: Any, path: list[Any]) -> Any:
    for place in path[:-1]:
        value = value[place]
    return value
