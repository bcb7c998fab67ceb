"""The description of our JSON API (OpenAPI 3.1) at `/api/v1/openapi.json`, made from what each route says of itself."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from msgspec import Struct

PREFIX: Final = "/api/v1/"
_TYPES: Final = {"uuid": {"type": "string", "format": "uuid"}, "int": {"type": "integer"}, "str": {"type": "string"}}
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "the name of what was refused; stays the same in every language"},
        "detail": {"type": "string", "description": "one sentence in the asker's language"},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("field", "code", "text")},
            },
        },
    },
}


class Operation(Struct, frozen=True):
    """What a route says of itself: `query` names its parameters with a sentence each; body and answer are Structs.

    The examples are what somebody would send and get, as JSON; `query_example` by the name of a parameter.
    """

    summary: str
    query: Mapping[str, str] = {}
    body: Any = None
    answer: Any = None
    status: int = 200
    refusals: tuple[int, ...] = ()
    query_example: Mapping[str, str] = {}
    body_example: Mapping[str, Any] | None = None
    answer_example: Mapping[str, Any] | None = None


def says(summary: str, **details: Any) -> dict[str, Any]:
    """For `opt=needs(…) | says("…", body=NewPerson, answer=Person, refusals=(404, 422))`."""
    return {"operation": Operation(summary, **details)}


def describe(app: Litestar) -> dict[str, Any]:
    """The whole document."""
    operations = [
        (path, method, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute) and (path := route.path_format).startswith(PREFIX)
        for handler in route.route_handlers
        for method in handler.http_methods
        if "operation" in handler.opt
    ]
    said = [handler.opt["operation"] for _, _, handler in operations]
    types = list(
        {id(one): one for operation in said for one in (operation.body, operation.answer) if one is not None}.values()
    )
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    by_type = {id(one): schema for one, schema in zip(types, schemas, strict=True)}
    paths: dict[str, Any] = {}
    for path, method, handler in operations:
        paths.setdefault(_plain(path), {})[method.lower()] = _operation(path, handler, by_type)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Referral Hub", "version": "1", "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}},
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": _PROBLEM},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "hub_session"},
                "key": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _plain(path: str) -> str:
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


def _operation(path: str, handler: HTTPRouteHandler, by_type: dict[int, dict[str, Any]]) -> dict[str, Any]:
    said: Operation = handler.opt["operation"]
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _TYPES.get(kind, {"type": "string"})}
        for name, kind in re.findall(r"\{(\w+):(\w+)\}", path)
    ] or [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]
    parameters += [
        {"name": name, "in": "query", "description": text, **_content({"type": "string"}, said.query_example.get(name))}
        for name, text in said.query.items()
    ]
    if handler.http_methods & {"POST", "PUT", "PATCH"}:
        parameters.append({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}})
    told: dict[str, Any] = {
        "operationId": handler.handler_name,
        "summary": said.summary,
        "parameters": parameters,
        "responses": {
            str(said.status): _answer(
                "What was asked for", by_type.get(id(said.answer)), "application/json", said.answer_example
            )
        },
        "security": [] if handler.opt.get("public") else [{"session": []}, {"key": []}],
    }
    if said.body is not None:
        content = _content(by_type[id(said.body)], said.body_example)
        told["requestBody"] = {"required": True, "content": {"application/json": content}}
    for status in _refusals(path, handler, said):
        problem = {"$ref": "#/components/schemas/Problem"}
        told["responses"][str(status)] = _answer("Refused, with a code", problem, "application/problem+json")
    return told


def _refusals(path: str, handler: HTTPRouteHandler, said: Operation) -> list[int]:
    """What the route says, and what the doors before it answer by themselves."""
    doors = () if handler.opt.get("public") else (401, 403)
    named = (404,) if "{" in path else ()
    read = () if said.body is None else (413, 415, 422)
    return sorted({*said.refusals, *doors, *named, *read})


def _answer(text: str, schema: dict[str, Any] | None, kind: str, example: object = None) -> dict[str, Any]:
    return {"description": text, "content": {kind: _content(schema or {}, example)}}


def _content(schema: dict[str, Any], example: object) -> dict[str, Any]:
    return {"schema": schema} | ({} if example is None else {"example": example})


@cache
def _encoded(app: Litestar) -> bytes:
    return msgspec.json.encode(describe(app))


@get("/api/v1/openapi.json", opt={"public": True} | says("This description"))
async def openapi_document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The document, made once."""
    return Response(
        _encoded(request.app), media_type="application/json", headers={"Cache-Control": "public, max-age=300"}
    )


routes = [openapi_document]
