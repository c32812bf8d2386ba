"""Messages in words. English is the fallback; dates and numbers follow CLDR."""

from datetime import UTC, date, datetime
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from babel.numbers import format_decimal

from hub.domain.messages import Message
from hub.services.alert_wording import ALERT_TEXTS

FALLBACK = "en"

_TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "IN_STOCK": "In stock",
        "ONLY_N_LEFT": "Only {count} left",
        "LOW_STOCK": "Only a few left",
        "BACK_ORDER": "Available to order",
        "BACK_ORDER_BY": "Order now, ships by {date}",
        "PRE_ORDER_BY": "Preorder, out on {date}",
        "OUT_OF_STOCK": "Out of stock",
        "BACK_BY": "Back by {date}",
        "DISCONTINUED": "No longer available",
    },
    "de": {
        "IN_STOCK": "Auf Lager",
        "ONLY_N_LEFT": "Nur noch {count} verfügbar",
        "LOW_STOCK": "Nur noch wenige verfügbar",
        "BACK_ORDER": "Bestellbar",
        "BACK_ORDER_BY": "Jetzt bestellen, lieferbar bis {date}",
        "PRE_ORDER_BY": "Vorbestellbar, erscheint am {date}",
        "OUT_OF_STOCK": "Ausverkauft",
        "BACK_BY": "Wieder da bis {date}",
        "DISCONTINUED": "Nicht mehr erhältlich",
    },
    "da": {
        "IN_STOCK": "På lager",
        "ONLY_N_LEFT": "Kun {count} tilbage",
        "LOW_STOCK": "Kun få tilbage",
        "BACK_ORDER": "Kan bestilles",
        "BACK_ORDER_BY": "Bestil nu, sendes senest {date}",
        "PRE_ORDER_BY": "Forudbestil, udkommer {date}",
        "OUT_OF_STOCK": "Udsolgt",
        "BACK_BY": "Tilbage senest {date}",
        "DISCONTINUED": "Udgået",
    },
    "fr": {
        "IN_STOCK": "En stock",
        "ONLY_N_LEFT": "Plus que {count} en stock",
        "LOW_STOCK": "Plus que quelques exemplaires en stock",
        "BACK_ORDER": "Disponible sur commande",
        "BACK_ORDER_BY": "Commandez maintenant, expédié d’ici le {date}",
        "PRE_ORDER_BY": "En précommande, sortie le {date}",
        "OUT_OF_STOCK": "Épuisé",
        "BACK_BY": "De retour d’ici le {date}",
        "DISCONTINUED": "N’est plus disponible",
    },
}

LANGUAGES = tuple(_TEXTS)


def text_of(message: Message, locale: str | None) -> str:
    """A message in the language of `locale` (such as `de` or `da-DK`), else in English."""
    chosen = _locale(locale)
    language = chosen.language if chosen.language in _TEXTS else FALLBACK
    texts = _TEXTS[language] | ALERT_TEXTS[language]
    words = chosen if chosen.language in _TEXTS else Locale.parse(FALLBACK)
    return texts[message.code].format_map(
        {name: _shown(name, value, words) for name, value in message.params.items()}
    )


def known_locale(text: str | None) -> str:
    """The locale whose words are shown where somebody names `text`, in its one spelling."""
    chosen = _locale(text)
    return str(chosen) if chosen.language in _TEXTS else FALLBACK


def _locale(text: str | None) -> Locale:
    try:
        return Locale.parse((text or FALLBACK).replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale.parse(FALLBACK)


def _shown(name: str, value: Any, locale: Locale) -> str:
    if name == "date":
        return format_skeleton("MMMd", date.fromisoformat(value[:10]), locale=locale)
    if name == "time":
        at = datetime.fromisoformat(value).astimezone(UTC)
        day = format_skeleton("MMMd", at, locale=locale)
        return f"{day} {format_skeleton('Hm', at, locale=locale)} UTC"
    if isinstance(value, str):
        return value
    return format_decimal(value, locale=locale)
