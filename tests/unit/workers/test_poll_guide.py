"""What the guide on polling shows can be put, and it names all that can be said."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from hub.domain.errors import InvalidInput
from hub.domain.fetching import FetchKind, NextPage, Taken
from hub.domain.polling import PollOutcome
from hub.domain.source_fetching import fetch_from
from hub.domain.sources import source_from
from workers.formats.registry import FORMATS

GUIDE = (Path(__file__).parents[3] / "docs" / "guides" / "poll-a-supplier.md").read_text()
SAMPLES = [
    tomllib.loads(one)
    for one in re.findall(r"^```toml\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: str(one["name"]))
def test_samples_can_be_put(sample: dict[str, Any]) -> None:
    source = source_from(sample)
    FORMATS[source.format].check(source.options)
    assert source.fetch is not None
    assert source.as_plain()["fetch"] == sample["fetch"]


def test_each_kind_of_place_has_a_sample_or_a_sentence() -> None:
    shown = {sample["fetch"]["kind"] for sample in SAMPLES}
    assert shown == {kind.value for kind in FetchKind if kind is not FetchKind.FTP}
    assert "`ftp://`" in GUIDE


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: str(one["name"]))
def test_all_that_can_be_said_is_told(sample: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        fetch_from({**sample["fetch"], "nonsense": 1})
    keys = refused.value.data["problem"].partition("there are: ")[2].split(", ")
    choices = [one.value for kinds in (NextPage, Taken, PollOutcome) for one in kinds]
    named = set(re.findall(r"\w+", GUIDE))
    assert [one for one in (*keys, *choices) if one not in named] == []
