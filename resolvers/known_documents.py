"""Documents that a request names by their SHA-256 in place of sending them: those of manifests, and
those that clients registered (automatic persisted queries, as Apollo has them).
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final, Self

from hub.domain.errors import (
    InvalidInput,
    PersistedQueryMismatch,
    PersistedQueryNotFound,
    UnknownDocument,
    UntrustedDocument,
)

_PREFIX: Final = "sha256:"
_HEX_DIGITS: Final = frozenset("0123456789abcdef")
_DIGEST_LENGTH: Final = 64


class NamedDocument(str):
    """The SHA-256 (hex) of a document. It goes where otherwise the document goes, so that every
    transport carries it."""

    __slots__ = ("registers", "text")

    text: str | None
    """The document itself, where it was sent along."""
    registers: bool
    """Whether the client would send the document if it is not known."""

    @classmethod
    def of(cls, digest: str, registers: bool, text: str | None = None) -> Self:
        """The name of a document."""
        named = cls(digest)
        named.text = text
        named.registers = registers
        return named


def document_of(query: str | None, id: object, extensions: Mapping[str, Any] | None) -> str | None:
    """The document of a request: its text, or its name where it is named by `documentId` or by
    `extensions.persistedQuery`; None if there is neither. Raises `InvalidInput`."""
    persisted = extensions.get("persistedQuery") if extensions else None
    if id is None and persisted is None:
        return query
    if id is not None:
        if query is not None or persisted is not None:
            raise InvalidInput(field="documentId", problem="stands for the query: send only one")
        digest = id.removeprefix(_PREFIX) if isinstance(id, str) else id
        return NamedDocument.of(_digest_from(digest, "documentId"), False)
    field = "extensions.persistedQuery"
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise InvalidInput(field=field, problem="must be an object of version 1")
    digest = _digest_from(persisted.get("sha256Hash"), f"{field}.sha256Hash")
    return NamedDocument.of(digest, True, query)


class KnownDocuments:
    """The documents that can be named.

    `trusted` maps the SHA-256 of documents to their text; with `trusted_only` there are no others.
    """

    def __init__(
        self,
        trusted: Mapping[str, str] | None = None,
        trusted_only: bool = False,
        max_registered: int = 0,
        max_characters: int = 0,
    ) -> None:
        self._trusted = trusted or {}
        self._max_registered = 0 if trusted_only else max_registered
        self._max_characters = max_characters
        self._registered: dict[str, str] = {}
        self.texts = frozenset(self._trusted.values()) if trusted_only else None
        """Those that may be executed at all; None where all may be."""

    def text_of(self, named: NamedDocument) -> str:
        """The text of a document, the same object each time. Raises `UnknownDocument`,
        `UntrustedDocument`, `PersistedQueryNotFound` or `PersistedQueryMismatch`."""
        digest, sent = str(named), named.text
        known = self._trusted.get(digest) or self._registered.get(digest)
        if known is None:
            known = self._told(named, digest)
        elif sent is not None and sent != known:
            raise PersistedQueryMismatch(actual=_sha256(sent))
        if digest not in self._trusted and len(known) <= self._max_characters:
            # Taken out and put in again, so that the first in the dict is the longest unused.
            self._registered.pop(digest, None)
            self._registered[digest] = known
            if len(self._registered) > self._max_registered:
                del self._registered[next(iter(self._registered))]
        return known

    def _told(self, named: NamedDocument, digest: str) -> str:
        if named.text is None:
            if named.registers and self.texts is None:
                raise PersistedQueryNotFound
            raise UnknownDocument(id=digest)
        if self.texts is not None:
            raise UntrustedDocument
        actual = _sha256(named.text)
        if actual != digest:
            raise PersistedQueryMismatch(actual=actual)
        return named.text


def _digest_from(given: object, field: str) -> str:
    if isinstance(given, str) and len(given) == _DIGEST_LENGTH and _HEX_DIGITS.issuperset(given):
        return given
    raise InvalidInput(
        field=field, problem="must be a SHA-256 as 64 hexadecimal digits, lower case"
    )


def _sha256(text: str) -> str:
    # Lone surrogates, which JSON can escape, are no reason to fail.
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
