"""Samples of our own, valid and broken in each way, give what is written beside them."""

import json
from pathlib import Path
from typing import Final

import pytest

from tests.unit.workers.formats.golden_samples import GOLDEN, readings_of, told
from workers.formats import edifact, x12
from workers.formats.reading import Change, Format, Reply

FORMATS: Final = {"x12": x12.FORMAT, "edifact": edifact.FORMAT}
SAMPLES: Final = sorted(path for name in FORMATS for path in (GOLDEN / name).glob("*.edi"))


def format_of(sample: Path) -> Format:
    return FORMATS[sample.parent.name]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_sample_is_read_as_written_beside_it(sample: Path) -> None:
    expected = json.loads(sample.with_suffix(".json").read_text())
    read = told(format_of(sample), sample.read_bytes(), expected["options"])
    assert read == expected["readings"]


def test_every_sample_has_its_expected_output_and_every_output_its_sample() -> None:
    outputs = {path.with_suffix("") for name in FORMATS for path in (GOLDEN / name).glob("*.json")}
    assert outputs == {path.with_suffix("") for path in SAMPLES}
    assert len(SAMPLES) > 40


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_we_answer_is_read_back_clean(sample: Path) -> None:
    options = json.loads(sample.with_suffix(".json").read_text())["options"]
    readings = readings_of(format_of(sample), sample.read_bytes(), options)
    for reply in (one for one in readings if isinstance(one, Reply)):
        back = readings_of(format_of(sample), reply.content)
        # Of the answer itself nothing is wrong; what it says of the sample may be bad news.
        faults = {one.code for one in back if not isinstance(one, Change | Reply)}
        assert faults <= {"REJECTED_BY_PARTNER", "ACCEPTED_WITH_ERRORS", "TEST"}
        assert not any(isinstance(one, Change | Reply) for one in back)


def test_formats_say_what_they_are() -> None:
    for name, format in FORMATS.items():
        assert format.name == name
        assert format.summary.endswith(".")
        assert format.media_types
