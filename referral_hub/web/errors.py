"""What goes wrong, told: problem+json where a program asks, a plain page with a way out for a person."""

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.routes import HTTPRoute
from litestar.types import ExceptionHandlersMap

from referral_hub.errors import HubError, Problem
from referral_hub.web.look import look_of
from referral_hub.web.page import Network, network, page
from referral_hub.web.wording import sentence_of, speaking

PROBLEM_JSON: Final = "application/problem+json"
FOR_PROGRAMS: Final = ("/api/", "/hsds/", "/fhir/", "/health/", "/metrics")
CODES: Final = {
    400: "bad_request",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    409: "stale",
    413: "too_large",
    415: "unsupported_media",
    422: "invalid",
    429: "too_many",
    500: "internal",
    503: "unavailable",
}

log = structlog.get_logger(__name__)


def wants_json(request: Request[Any, Any, Any]) -> bool:
    """A program's address, or a caller that names JSON and not HTML."""
    accept = request.headers.get("accept", "")
    return f"{request.url.path}/".startswith(FOR_PROGRAMS) or ("json" in accept and "text/html" not in accept)


def tell_hub_error(request: Request[Any, Any, Any], error: HubError) -> Response[bytes]:
    """A deliberate error, with its own code, facts and problems."""
    return _answer(request, error.status, error.code, error.problems, error.facts)


def tell_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Litestar's own refusals; its details are not repeated, since they may hold what was sent."""
    status = error.status_code if error.status_code in CODES else (500 if error.status_code >= 500 else 400)
    answer = _answer(request, status, CODES[status])
    if status == 405:
        answer.headers["Allow"] = ", ".join(_methods_at(request))
    return answer


def _methods_at(request: Request[Any, Any, Any]) -> list[str]:
    """What this address does answer to; a parameter of a route stands for any one part of the path."""
    parts = [part for part in request.url.path.split("/") if part]
    found: set[str] = set()
    for route in request.app.routes:
        components = route.path_components
        if isinstance(route, HTTPRoute) and len(components) == len(parts):
            fits = (not isinstance(known, str) or known == part for known, part in zip(components, parts, strict=True))
            found |= set(route.methods) if all(fits) else set()
    return sorted(found)


def tell_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A mistake of ours: the log gets its kind and place, the visitor a sentence; neither gets the values."""
    log.error(
        "unexpected",
        path_template=_template(request),
        method=request.method,
        kind=type(error).__name__,
        exc_info=True,
    )
    return _answer(request, 500, "internal")


def _answer(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    problems: tuple[Problem, ...] = (),
    facts: dict[str, object] | None = None,
) -> Response[bytes]:
    if wants_json(request):
        return _problem_json(request, status, code, problems, facts or {})
    if status == 401 and request.method in ("GET", "HEAD"):
        return Response(
            b"", status_code=303, headers={"Location": f"/sign-in?next={quote(_address(request), safe='/')}"}
        )
    # On a person's own pages not even the club is named before the code is given, also where something failed.
    shown = Network(banner=network.banner) if is_own_page(request.url.path) else network
    return page(
        request,
        "errors/error.html",
        status=status,
        code=code,
        problems=problems,
        facts=facts or {},
        shown_status=status,
        network=shown,
    )


def is_own_page(path: str) -> bool:
    """Whether this is an address of somebody's own pages, behind the link from a card."""
    return path == "/p" or path.startswith("/p/")


def _problem_json(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    problems: tuple[Problem, ...],
    facts: dict[str, object],
) -> Response[bytes]:
    language = look_of(request).language
    with speaking(language):
        told = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "code": code,
            "detail": sentence_of(language, "error", code, facts),
            "problems": [
                {
                    "field": problem.field,
                    "code": problem.code,
                    "text": sentence_of(language, "error", problem.code, problem.facts),
                }
                for problem in problems
            ],
        }
    if status != 422:
        del told["problems"]
    body = msgspec.json.encode(told, enc_hook=str)
    return Response(body, status_code=status, media_type=PROBLEM_JSON, headers={"Cache-Control": "no-store"})


def _address(request: Request[Any, Any, Any]) -> str:
    query = request.scope["query_string"].decode("ascii", "replace")
    return request.url.path + (f"?{query}" if query else "")


def _template(request: Request[Any, Any, Any]) -> str:
    """The route's pattern: the address itself may hold a secret."""
    return str(request.scope.get("path_template") or "")


EXCEPTION_HANDLERS: Final[ExceptionHandlersMap] = {
    HubError: tell_hub_error,
    HTTPException: tell_http_error,
    Exception: tell_unexpected,
}
