"""What a message of graphql-transport-ws must look like before it is worked."""

_NO_QUERY = "The payload of a subscribe message must be an object with a query"


def problem_of(message: object) -> str | None:
    """Why a message cannot be worked, if so."""
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "A message must be an object with a type"
    if message["type"] not in ("subscribe", "complete"):
        return None
    if not isinstance(message.get("id"), str) or not message["id"]:
        return "The id of an operation must be a string"
    if message["type"] == "complete":
        return None
    payload = message.get("payload")
    if not isinstance(payload, dict):
        return _NO_QUERY
    extensions = payload.get("extensions")
    if not isinstance(extensions, dict | None):
        return "The extensions of an operation must be an object"
    is_named = "documentId" in payload or bool(extensions and extensions.get("persistedQuery"))
    if not isinstance(payload.get("query", "" if is_named else None), str):
        return _NO_QUERY
    if not isinstance(payload.get("variables"), dict | None):
        return "The variables of an operation must be an object"
    if not isinstance(payload.get("operationName"), str | None):
        return "The name of an operation must be a string"
    return None
