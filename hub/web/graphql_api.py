"""The API as the settings want it: its limits, and the documents it knows."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from hub.settings import Settings
from resolvers.engine import HubSchema
from resolvers.known_documents import KnownDocuments
from resolvers.limits import DocumentLimits
from resolvers.root import build

STOREFRONT_MANIFEST: Final = "persisted-documents.json"


class BrokenManifest(Exception):
    """A manifest of trusted documents cannot be used."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"HUB_TRUSTED_DOCUMENTS: {path} {problem}.")


def api_of(settings: Settings) -> HubSchema:
    """The API; raises `BrokenManifest`."""
    limits = DocumentLimits(
        characters=settings.max_document_characters,
        tokens=settings.max_document_tokens,
        depth=settings.max_document_depth,
        aliases=settings.max_document_aliases,
        directives=settings.max_document_directives,
        fields=settings.max_document_fields,
        root_mutation_fields=settings.max_root_mutation_fields,
        comparisons=settings.max_document_comparisons,
        points=settings.max_operation_points,
        seconds=settings.max_operation_seconds,
    )
    own = settings.frontend_dir / STOREFRONT_MANIFEST
    known = KnownDocuments(
        documents_in([*settings.trusted_documents, *([own] if own.is_file() else [])]),
        settings.trusted_documents_only,
        settings.max_persisted_queries,
        settings.max_document_characters,
    )
    return build(limits, development=settings.development, known=known)


def documents_in(manifests: Iterable[Path]) -> dict[str, str]:
    """The documents of manifests by their SHA-256.

    A manifest is a JSON object from hash to document, as graphql-codegen and the Relay compiler
    write it, or Apollo's with a list of `operations`. Raises `BrokenManifest`.
    """
    found: dict[str, str] = {}
    for path in manifests:
        for digest, text in _entries(path):
            if not isinstance(text, str):
                raise BrokenManifest(path, f"has no document for {digest}")
            if hashlib.sha256(text.encode()).hexdigest() != digest:
                raise BrokenManifest(path, f"has a document that {digest} is not the SHA-256 of")
            found[digest] = text
    return found


def _entries(path: Path) -> Iterable[tuple[Any, Any]]:
    try:
        told = json.loads(path.read_bytes())
        if told.get("format") == "apollo-persisted-query-manifest":
            return [(one["id"], one["body"]) for one in told["operations"]]
        return [(key.removeprefix("sha256:"), text) for key, text in told.items()]
    except OSError as error:
        raise BrokenManifest(path, f"cannot be read ({error.strerror})") from error
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise BrokenManifest(path, "is no manifest of documents") from error
