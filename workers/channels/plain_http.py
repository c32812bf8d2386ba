"""Any API that takes quantities as JSON over HTTP, by the templates of its target."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

from hub.domain.channel_targets import HttpTarget, Read
from hub.store.channel_sync import UNKNOWN_THERE, PendingPush
from workers.channels.allowance import Allowance
from workers.channels.http_api import HttpApi, JsonAnswer
from workers.channels.other_side import Listed, OtherSideAway, OtherSideRefuses, Page, Written

_NOT_FOUND: Final = (404, 410)
_CLIENT_ERROR: Final = 400
_ITEMS: Final = "{items}"


class PlainHttp:
    """One place of theirs, behind a plain API."""

    def __init__(self, target: HttpTarget, authorization: str | None) -> None:
        self._write = target.write
        self._read = target.read
        self.batch_items = 1 if target.write.one_by_one else target.write.batch_items
        self.can_list = target.read is not None
        allowance = Allowance(target.burst_requests, target.requests_per_second)
        headers = dict(target.headers)
        if authorization is not None:
            headers["authorization"] = authorization
        self._api = HttpApi(headers, target.timeout_seconds, allowance)

    async def write(self, pushes: Sequence[PendingPush], key: str) -> Written:
        """Set quantities. The key is sent as `Idempotency-Key`."""
        items = [filled(self._write.item, _values(push)) for push in pushes]
        if self._write.one_by_one:
            (push,), (content,) = pushes, items
            url = _filled_url(self._write.url, push)
        else:
            content, url = filled(self._write.body, {_ITEMS: items}), self._write.url
        answer = await self._ask(self._write.method, url, content, {"idempotency-key": key})
        if self._write.one_by_one and answer.status in _NOT_FOUND:
            return Written({}, {push.sku: UNKNOWN_THERE for push in pushes})
        if answer.status in _NOT_FOUND:
            raise OtherSideRefuses(answer.problem)
        if answer.status >= _CLIENT_ERROR:
            return await self._apart(pushes, key, answer.status)
        if self._write.results is None:
            return Written({push.sku: push.units for push in pushes}, {})
        return self._judged(pushes, answer.content)

    async def _apart(self, pushes: Sequence[PendingPush], key: str, status: int) -> Written:
        """What becomes of items that were refused together: each half by itself, down to those that
        are at fault, which hold nothing else up."""
        if len(pushes) == 1:
            return Written({}, {push.sku: f"HTTP_{status}" for push in pushes})
        middle = len(pushes) // 2
        first = await self.write(pushes[:middle], f"{key}-1")
        try:
            second = await self.write(pushes[middle:], f"{key}-2")
        except OtherSideAway:
            # What is known already is kept: whoever began anew each time would never end.
            return first
        return Written({**first.said, **second.said}, {**first.refused, **second.refused})

    async def page(self, after: str | None) -> Page:
        """Some of what they list."""
        read = self._read
        assert read is not None
        url = after or read.url
        answer = await self._ask("GET", url)
        if answer.status >= _CLIENT_ERROR:
            raise OtherSideRefuses(answer.problem)
        content = answer.content
        listed = [_listed(one, read) for one in _list(content, read.items)]
        return Page(listed, _next(url, place(content, read.next)))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def _ask(
        self, method: str, url: str, content: Any = None, headers: Mapping[str, str] | None = None
    ) -> JsonAnswer:
        await self._api.allowance.take(1)
        return await self._api.ask(method, url, content, headers)

    def _judged(self, pushes: Sequence[PendingPush], content: Any) -> Written:
        """What the answer says of each item; of what it does not name, nothing is known."""
        write, said, refused = self._write, dict[str, int](), dict[str, str]()
        by_id = {push.external_id: push for push in pushes}
        for result in _list(content, write.results or ""):
            push = by_id.get(str(place(result, write.result_id)))
            if push is None:
                continue
            error = place(result, write.result_error)
            if not error:
                said[push.sku] = push.units
            else:
                unknown = str(error) in write.unknown_errors
                refused[push.sku] = UNKNOWN_THERE if unknown else str(error)[:64]
        if not said and not refused:
            raise OtherSideAway("the answer names none of the items")
        return Written(said, refused)


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """A template with the values in their places."""
    if isinstance(template, str):
        if template in values:
            return values[template]
        for name, value in values.items():
            template = template.replace(name, str(value))
        return template
    if isinstance(template, Mapping):
        return {name: filled(one, values) for name, one in template.items()}
    if isinstance(template, Sequence):
        return [filled(one, values) for one in template]
    return template


def place(content: Any, path: str) -> Any:
    """What is at a place of an answer, such as `links.next`; None where nothing is. An empty path
    is the answer itself."""
    for name in path.split(".") if path else ():
        content = content.get(name) if isinstance(content, Mapping) else None
    return content


def _listed(item: Any, read: Read) -> Listed:
    """An item of their list. An id or an sku that looks like a number may come as one."""
    id = place(item, read.id)
    sku = None if read.sku is None else place(item, read.sku)
    if id is None:
        raise OtherSideAway(f"an item that they list has no {read.id}")
    return Listed(str(id), None if sku is None else str(sku), int(place(item, read.units)))


def _next(url: str, following: Any) -> str | None:
    """The address of the next page; only of the same server, for it gets the same secrets."""
    if not following:
        return None
    joined = urljoin(url, str(following))
    if urlsplit(joined)[:2] != urlsplit(url)[:2]:
        raise OtherSideRefuses(f"the next page is on another server: {joined}")
    return joined


def _list(content: Any, path: str) -> Sequence[Any]:
    found = place(content, path)
    if not isinstance(found, list):
        raise OtherSideAway(f"the answer has no list at {path or 'its top'}")
    return found


def _values(push: PendingPush) -> dict[str, Any]:
    return {"{id}": push.external_id, "{sku}": push.sku, "{units}": push.units}


def _filled_url(url: str, push: PendingPush) -> str:
    return str(filled(url, {name: quote(str(one), safe="") for name, one in _values(push).items()}))
