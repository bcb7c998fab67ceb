"""What arrives in a request: a form decoded strictly and kept nowhere, and JSON checked field by field; JSON back.

Litestar's own reader of forms keeps the last thousand bodies in a process-wide cache, passwords among them,
and msgspec stops at the first problem; both are replaced here.
"""

import re
import types
from typing import Any, Final, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec
from litestar import Request, Response
from litestar.connection.base import empty_receive, empty_send
from litestar.datastructures import FormMultiDict, State
from litestar.exceptions import ClientException, HTTPException
from litestar.types import Receive, Scope, Send
from msgspec import Struct

from referral_hub.errors import Problem, Refused
from referral_hub.web.forms import CONTROL

MOST_FIELDS: Final = 2000
_LENGTH = re.compile(r"length ([<>]=) (\d+)")
_BOUND = re.compile(r"([<>]=?) (-?[\d.]+)")

T = TypeVar("T", bound=Struct)


class UnsupportedMedia(HTTPException):
    """The body is of a kind this address does not read."""

    status_code = 415


class HubRequest(Request[Any, Any, State]):
    """Litestar's request whose `form()` is strict: UTF-8 or 400, a form or 415, no copy in any cache."""

    def __init__(self, scope: Scope, receive: Receive = empty_receive, send: Send = empty_send) -> None:
        super().__init__(scope, receive, send)
        self._fields: FormMultiDict | None = None

    async def form(self) -> FormMultiDict:
        """The fields sent; an empty body is an empty form."""
        if self._fields is None:
            kind = self.content_type[0]
            if kind == "multipart/form-data":
                try:
                    self._fields = await super().form()
                except UnicodeDecodeError as problem:
                    raise ClientException("the form is not valid UTF-8") from problem
            else:
                body = await self.body()
                if body and kind != "application/x-www-form-urlencoded":
                    raise UnsupportedMedia
                self._fields = FormMultiDict(_urlencoded(body))
        return self._fields


def _urlencoded(body: bytes) -> list[tuple[str, Any]]:
    try:
        return list(
            parse_qsl(
                body.decode("ascii"),
                keep_blank_values=True,
                encoding="utf-8",
                errors="strict",
                max_num_fields=MOST_FIELDS,
            )
        )
    except (UnicodeDecodeError, ValueError) as problem:
        raise ClientException("the form is not valid UTF-8") from problem


async def read_json(request: Request[Any, Any, Any], shape: type[T]) -> T:
    """The JSON body as a Struct. Raises Refused("invalid") with every wrong field, nested ones as `by.K`."""
    sent = await any_json(request)
    problems: list[Problem] = []
    value = _struct(sent, shape, "", problems)
    if problems or value is None:
        raise Refused("invalid", problems)
    return value


async def any_json(request: Request[Any, Any, Any]) -> object:
    """The JSON body, whatever it holds. Raises UnsupportedMedia or Refused("not_json")."""
    if request.content_type[0] not in ("application/json", ""):
        raise UnsupportedMedia
    try:
        return msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:  # the last: nested without end
        raise Refused("not_json") from problem


def _struct(sent: object, shape: type[T], prefix: str, problems: list[Problem]) -> T | None:
    """One object: each known field on its own, each unknown one named."""
    if not isinstance(sent, dict):
        problems.append(Problem(prefix.rstrip("."), "wrong_type", {"expected": "object"}))
        return None
    before = len(problems)
    fields = {field.encode_name: field for field in msgspec.structs.fields(shape)}
    problems.extend(Problem(f"{prefix}{name}"[:100], "unknown_field") for name in sent if name not in fields)
    taken: dict[str, Any] = {}
    for name, field in fields.items():
        if name in sent:
            taken[field.name] = _value(sent[name], field.type, f"{prefix}{name}", problems)
        elif field.required:
            problems.append(Problem(f"{prefix}{name}", "required"))
    if len(problems) > before:
        return None
    return shape(**taken)


def _value(sent: object, wanted: Any, name: str, problems: list[Problem]) -> Any:
    inner = _struct_in(wanted)
    if inner is not None and sent is not None:
        return _struct(sent, inner, f"{name}.", problems)
    if not _clean(sent):
        problems.append(Problem(name, "bad_characters"))
        return None
    try:
        return msgspec.convert(sent, wanted, strict=True)
    except msgspec.ValidationError as problem:
        problems.append(_named(name, str(problem)))
        return None


def _struct_in(wanted: Any) -> type[Struct] | None:
    """The Struct in `S` or `S | None`."""
    options = get_args(wanted) if get_origin(wanted) in (Union, types.UnionType) else (wanted,)
    found = [option for option in options if isinstance(option, type) and issubclass(option, Struct)]
    return found[0] if len(found) == 1 else None


def _clean(sent: object) -> bool:
    """The same signs that a form refuses."""
    if isinstance(sent, str):
        return not CONTROL.search(sent)
    if isinstance(sent, dict):
        return all(_clean(key) and _clean(value) for key, value in sent.items())
    if isinstance(sent, list):
        return all(_clean(item) for item in sent)
    return True


def _named(name: str, message: str) -> Problem:
    """msgspec's sentence as one of our codes; a path inside a list is added to the field's name."""
    message, _, path = message.partition(" - at `$")
    name += path.rstrip("`")
    length = _LENGTH.search(message)
    if length:
        code = "too_long" if length[1] == "<=" else "too_short"
        return Problem(name, code, {"most" if code == "too_long" else "least": int(length[2])})
    if "Invalid enum value" in message:
        return Problem(name, "not_a_choice")
    bound = _BOUND.search(message)
    if bound:
        return Problem(name, "out_of_bounds", {"bound": f"{bound[1]} {bound[2]}"})
    if "matching regex" in message:
        return Problem(name, "wrong_pattern")
    expected = re.search(r"Expected `([^`]+)`", message)
    return Problem(name, "wrong_type", {"expected": expected[1] if expected else "?"})


def json_answer(value: object, status: int = 200) -> Response[bytes]:
    """An answer for a program, which no cache keeps."""
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json", headers=headers)
