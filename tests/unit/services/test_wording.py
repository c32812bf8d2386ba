"""Messages in words: every language has all of them, dates and numbers follow its customs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.messages import MESSAGE_CODES, Message
from hub.services.wording import LANGUAGES, known_locale, text_of
from tests.unit.domain.exploration import explored

PARAMS: dict[str, dict[str, str | int | float]] = {
    "ONLY_N_LEFT": {"count": 3},
    "BACK_BY": {"date": "2031-05-04"},
    "BACK_ORDER_BY": {"date": "2031-05-04"},
    "PRE_ORDER_BY": {"date": "2031-05-04"},
}


def said(code: str, locale: str | None, **params: str | int | float) -> str:
    """The text of a message with evidence nobody is shown."""
    return text_of(Message(code, params or PARAMS.get(code, {}), {"secret": "E"}), locale)


@pytest.mark.parametrize("code", MESSAGE_CODES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_text_for_every_message(language: str, code: str) -> None:
    text = said(code, language)
    assert text.strip() == text != ""
    assert "{" not in text
    assert code not in text
    if language != "en":
        assert text != said(code, "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_depends_on_the_number_in_it(language: str) -> None:
    """So none can be wrong for one, or for a language with three plurals."""
    shapes = {re.sub(r"[\d.,]+", "#", said("ONLY_N_LEFT", language, count=n)) for n in (1, 2, 0.5)}
    assert len(shapes) == 1


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "Only 3 left"),
        ("de", "Nur noch 3 verfügbar"),
        ("da", "Kun 3 tilbage"),
        ("fr", "Plus que 3 en stock"),
    ],
)
def test_what_is_left_is_told_in_the_language_of_the_locale(locale: str, text: str) -> None:
    assert said("ONLY_N_LEFT", locale) == text


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "Back by May 4"),
        ("en-GB", "Back by 4 May"),
        ("de", "Wieder da bis 4. Mai"),
        ("da", "Tilbage senest 4. maj"),
        ("fr", "De retour d’ici le 4 mai"),
    ],
)
def test_a_date_is_written_as_people_there_write_it(locale: str, text: str) -> None:
    assert said("BACK_BY", locale) == text


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "Only 1,234.5 left"),
        ("de", "Nur noch 1.234,5 verfügbar"),
        ("de-CH", "Nur noch 1’234.5 verfügbar"),
        ("fr", "Plus que 1\u202f234,5 en stock"),
    ],
)
def test_a_number_is_written_as_people_there_write_it(locale: str, text: str) -> None:
    assert said("ONLY_N_LEFT", locale, count=1234.5) == text


def test_a_quantity_keeps_its_three_decimals() -> None:
    assert said("ONLY_N_LEFT", "de", count=0.125) == "Nur noch 0,125 verfügbar"


@pytest.mark.parametrize("locale", ["de", "de-DE", "de_AT", "DE", "de-Latn-DE"])
def test_a_region_or_a_script_does_not_hide_the_language(locale: str) -> None:
    assert said("IN_STOCK", locale) == "Auf Lager"


@pytest.mark.parametrize(
    "locale", [None, "", "en", "en-US", "pl", "xx", "tlh", "no such", "../../etc", "root", "-", "@"]
)
def test_english_is_spoken_where_the_language_is_not_known(locale: str | None) -> None:
    assert said("BACK_BY", locale) == "Back by May 4"
    assert said("ONLY_N_LEFT", locale, count=1234.5) == "Only 1,234.5 left"


@explored(100)
@given(st.text(max_size=12) | st.from_regex(r"[a-zA-Z]{2,3}([-_@.][a-zA-Z0-9=]{1,8}){0,3}"))
def test_no_locale_a_client_may_send_is_answered_with_a_failure(locale: str) -> None:
    assert said("OUT_OF_STOCK", locale)
    assert said("BACK_BY", locale)


def test_texts_ask_only_for_what_the_message_has() -> None:
    """Seen from the other side: a parameter without a text for it would be told to nobody."""
    for code in MESSAGE_CODES:
        for language in LANGUAGES:
            for value in PARAMS.get(code, {}).values():
                shown = "4" if value == "2031-05-04" else str(value)
                assert shown in said(code, language)


@pytest.mark.parametrize(
    ("named", "known"),
    [
        (None, "en"),
        ("", "en"),
        ("en", "en"),
        ("de-AT", "de_AT"),
        ("de_AT", "de_AT"),
        ("ja", "en"),
        ("x17", "en"),
        ("../de", "en"),
    ],
)
def test_who_is_told_the_same_words_has_the_same_locale(named: str | None, known: str) -> None:
    assert known_locale(named) == known
    for code in MESSAGE_CODES:
        assert said(code, known) == said(code, named)
