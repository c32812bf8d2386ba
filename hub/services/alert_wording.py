"""Alerts in words, for those who run the stock."""

from typing import Final

ALERT_TEXTS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "ALERT_LOW_STOCK": "{sku} is low in {channel}: {count} left, the mark is {mark}",
        "ALERT_OUT_OF_STOCK": "{sku} is sold out in {channel}",
        "ALERT_BACK_IN_STOCK": "{sku} is back in {channel}",
        "ALERT_LATE_SUPPLY": "{document} is late: {count} of {sku} were due at {location} on "
        "{date}",
        "ALERT_STALE_COUNTS": "{location} owes a count: its last one is of {date}",
        "ALERT_SHORTFALL": "{count} of {sku} are promised at {location} and not there",
        "ALERT_SOURCE_LATE": "{source} is late: nothing was heard of it since {time}",
        "ALERT_SOURCE_FAILING": "{source} is failing: {problem}",
        "ALERT_SOURCE_DOUBTFUL": "The newest snapshot of {source} is in quarantine: it waits for "
        "a person",
        "ALERT_SOURCE_STALE": "{source} is stale: nothing was heard of it since {time}",
        "ALERT_SOURCE_CIRCUIT_OPEN": "{source} has failed {count} times in a row and is asked "
        "seldom: {problem}",
    },
    "de": {
        "ALERT_LOW_STOCK": "{sku} wird knapp in {channel}: noch {count}, die Marke ist {mark}",
        "ALERT_OUT_OF_STOCK": "{sku} ist ausverkauft in {channel}",
        "ALERT_BACK_IN_STOCK": "{sku} ist wieder da in {channel}",
        "ALERT_LATE_SUPPLY": "{document} ist überfällig: {count} von {sku} sollten am {date} bei "
        "{location} ankommen",
        "ALERT_STALE_COUNTS": "{location} schuldet eine Zählung: die letzte ist vom {date}",
        "ALERT_SHORTFALL": "{count} von {sku} sind bei {location} zugesagt und nicht da",
        "ALERT_SOURCE_LATE": "{source} ist spät dran: seit {time} kam nichts",
        "ALERT_SOURCE_FAILING": "{source} macht Fehler: {problem}",
        "ALERT_SOURCE_DOUBTFUL": "Der neueste Gesamtbestand von {source} ist in Quarantäne: er "
        "wartet auf einen Menschen",
        "ALERT_SOURCE_STALE": "{source} ist veraltet: seit {time} kam nichts",
        "ALERT_SOURCE_CIRCUIT_OPEN": "{source} ist {count} Mal in Folge fehlgeschlagen und wird "
        "nur noch selten gefragt: {problem}",
    },
    "da": {
        "ALERT_LOW_STOCK": "{sku} er ved at slippe op i {channel}: {count} tilbage, grænsen er "
        "{mark}",
        "ALERT_OUT_OF_STOCK": "{sku} er udsolgt i {channel}",
        "ALERT_BACK_IN_STOCK": "{sku} er tilbage i {channel}",
        "ALERT_LATE_SUPPLY": "{document} er forsinket: {count} af {sku} skulle være hos "
        "{location} den {date}",
        "ALERT_STALE_COUNTS": "{location} skylder en optælling: den seneste er fra {date}",
        "ALERT_SHORTFALL": "{count} af {sku} er lovet væk hos {location} og er der ikke",
        "ALERT_SOURCE_LATE": "{source} er forsinket: der er intet hørt siden {time}",
        "ALERT_SOURCE_FAILING": "{source} fejler: {problem}",
        "ALERT_SOURCE_DOUBTFUL": "Den nyeste samlede opgørelse fra {source} er i karantæne: den "
        "venter på et menneske",
        "ALERT_SOURCE_STALE": "{source} er forældet: der er intet hørt siden {time}",
        "ALERT_SOURCE_CIRCUIT_OPEN": "{source} er fejlet {count} gange i træk og spørges kun "
        "sjældent: {problem}",
    },
    "fr": {
        "ALERT_LOW_STOCK": "{sku} s’épuise dans {channel} : il en reste {count}, le seuil est "
        "{mark}",
        "ALERT_OUT_OF_STOCK": "{sku} est épuisé dans {channel}",
        "ALERT_BACK_IN_STOCK": "{sku} est de retour dans {channel}",
        "ALERT_LATE_SUPPLY": "{document} est en retard : {count} de {sku} étaient attendus à "
        "{location} le {date}",
        "ALERT_STALE_COUNTS": "{location} doit un comptage : le dernier est du {date}",
        "ALERT_SHORTFALL": "{count} de {sku} sont promis à {location} et n’y sont pas",
        "ALERT_SOURCE_LATE": "{source} est en retard : rien depuis le {time}",
        "ALERT_SOURCE_FAILING": "{source} échoue : {problem}",
        "ALERT_SOURCE_DOUBTFUL": "Le dernier inventaire complet de {source} est en quarantaine : "
        "il attend une personne",
        "ALERT_SOURCE_STALE": "{source} est périmé : rien depuis le {time}",
        "ALERT_SOURCE_CIRCUIT_OPEN": "{source} a échoué {count} fois de suite et n’est plus "
        "interrogé que rarement : {problem}",
    },
}
