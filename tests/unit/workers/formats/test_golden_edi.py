"""Samples of our own, valid and broken in each way, give what is written beside them."""

import json
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.project_files import PROJECT
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


def test_the_example_of_the_guide_is_read_as_it_says() -> None:
    page = (PROJECT / "docs" / "formats" / "edi.md").read_text()
    example = page.split("```\n")[1]
    assert told(x12.FORMAT, example.encode(), {"time_zone": "Europe/Oslo"})[:-1] == [
        {
            "change": "stock.set",
            "data": {
                "sku": "NL-100",
                "location": "OSL1",
                "onHand": 40,
                "unavailable": 9,
                "asOf": "2026-01-05T09:15:00+01:00",
            },
            "time": "2026-01-05T09:15:00+01:00",
            "snapshot": True,
            "at": "6 LIN",
        },
        {
            "change": "supply.scheduled",
            "data": {
                "sku": "NL-100",
                "location": "OSL1",
                "quantity": 25,
                "eta": "2026-01-20T00:00:00+01:00",
                "document": "report/on-order",
            },
            "time": "2026-01-05T09:15:00+01:00",
            "at": "9 QTY",
        },
    ]


@pytest.mark.parametrize("name", list(FORMATS))
def test_the_guide_names_every_default(name: str) -> None:
    page = (PROJECT / "docs" / "formats" / "edi.md").read_text()
    defaults = {"x12": x12.DEFAULTS, "edifact": edifact.DEFAULTS}[name]
    lists = (defaults.sku, defaults.location_parties, defaults.eta_dates, defaults.as_of_dates)
    for codes in (*lists, defaults.ship_dates, defaults.receiving_parties):
        assert f" {' '.join(codes)}" in page
    for code, role in defaults.quantities.items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{role.value}`")]
        assert code in row.replace(",", " ").split()


def test_formats_say_what_they_are() -> None:
    for name, format in FORMATS.items():
        assert format.name == name
        assert format.summary.endswith(".")
        assert format.media_types
