"""Templates of requests, and places in answers."""

from typing import Any

import pytest

from workers.channels.plain_http import filled, place

VALUES = {"{id}": "7/a", "{sku}": "A-1", "{units}": 3}


@pytest.mark.parametrize(
    ("template", "becomes"),
    [
        ("{units}", 3),
        ("{sku}: {units}", "A-1: 3"),
        (
            {"id": "{id}", "of": [{"n": "{units}", "fixed": True}]},
            {"id": "7/a", "of": [{"n": 3, "fixed": True}]},
        ),
        ("{other}", "{other}"),
        (None, None),
    ],
)
def test_a_text_that_is_one_name_becomes_the_value_itself(template: Any, becomes: Any) -> None:
    assert filled(template, VALUES) == becomes


@pytest.mark.parametrize(
    ("path", "found"), [("a.b", 1), ("a.c", None), ("a.b.c", None), ("x", None)]
)
def test_where_nothing_is_there_is_nothing(path: str, found: Any) -> None:
    assert place({"a": {"b": 1}}, path) == found


def test_the_empty_path_is_all_of_it() -> None:
    assert place([1, 2], "") == [1, 2]
