"""Samples of CSV, JSON, NDJSON, XML and local inventory are read as it is written beside them, and
whatever is done to them, nothing but readings and refusals comes of it."""

import contextlib
import io
import itertools
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.errors import InvalidInput
from hub.domain.events import command_from, event_from
from tests.unit.workers.formats.golden_samples import RECEIVED, readings_of, told
from tests.unit.workers.formats.text_samples import FORMATS, SAMPLES, Sample
from workers.formats.delimited import FORMAT as CSV
from workers.formats.reading import Change, Finding, Reading

BY_NAME = {sample.name: sample for sample in SAMPLES}
BYTES = st.binary(max_size=200) | st.text(
    alphabet='sku,store;qty\t"\r\n\0 1.-<>/&!={}[]:', max_size=200
).map(str.encode)


def test_each_format_has_samples() -> None:
    assert {sample.format.name for sample in SAMPLES} == set(FORMATS)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_sample_is_read_as_expected(name: str) -> None:
    _, format, content, options, expected = BY_NAME[name]
    if "refused" in expected:
        with pytest.raises(InvalidInput) as refusal:
            readings_of(format, content, options)
        assert refusal.value.message == expected["refused"]
    else:
        assert told(format, content, options) == expected["readings"]


@pytest.mark.parametrize("name", BY_NAME)
def test_every_change_of_a_sample_is_an_event_that_the_hub_takes(name: str) -> None:
    _, format, content, options, expected = BY_NAME[name]
    for reading in readings_of(format, content, options) if "readings" in expected else ():
        if isinstance(reading, Change):
            raw = {"specversion": "1.0", "id": "1", "type": reading.type, "data": reading.data}
            # Through JSON, as it is stored: what is exact stays so.
            event = event_from(orjson.loads(orjson.dumps(raw)))
            command_from(event, None, lambda: "1")  # type: ignore[arg-type]


def _check_bounded(sample: Sample, content: bytes) -> None:
    sample.format.check(sample.options)
    readings = sample.format.read(io.BytesIO(content), sample.options, RECEIVED)
    found: list[Reading] = []
    with contextlib.suppress(InvalidInput):
        found.extend(itertools.islice(readings, len(content) + 10))
    assert len(found) < len(content) + 10
    for reading in found:
        assert isinstance(reading, Change | Finding)
        if isinstance(reading, Finding):
            assert len(reading.problem) < 1_000
            assert reading.problem.isprintable()
        else:
            assert "e" not in str(reading.data.get("onHand", ""))
            assert b"null" not in orjson.dumps(reading.data)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), BYTES)
def test_any_bytes_are_read_or_refused(sample: Sample, content: bytes) -> None:
    _check_bounded(sample, content)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_a_damaged_sample_is_read_or_refused(sample: Sample, data: st.DataObject) -> None:
    content = sample.content
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(begin, min(len(content), begin + 20)))
        content = content[:begin] + data.draw(BYTES) + content[end:]
    _check_bounded(sample, content)


@pytest.mark.parametrize("cut", [1, 7, 64])
@pytest.mark.parametrize("name", [name for name in BY_NAME if "refused" not in BY_NAME[name][4]])
def test_it_does_not_matter_in_what_pieces_a_file_comes(name: str, cut: int) -> None:
    _, format, content, options, _ = BY_NAME[name]

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(cut)

    assert list(format.read(Slow(content), options, RECEIVED)) == readings_of(
        format, content, options
    )


def test_magento_s_exports_need_no_mapping(real_data: Path) -> None:
    folder = real_data / "supplier_api" / "magento"
    read = {path.name: told(CSV, path.read_bytes(), {}) for path in folder.glob("*export*.csv")}
    first = {"sku": "SKU-1", "location": "eu-1", "onHand": "5.5"}
    assert read.pop("export_empty.csv") == []
    assert len(read) == 4
    for readings in read.values():
        assert readings[0] == {"change": "stock.set", "data": first, "at": "2 None"}
        assert all("change" in one for one in readings)
