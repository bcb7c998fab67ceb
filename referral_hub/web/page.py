"""Rendering a page: one environment, the visitor's language and look, and the frame around every page."""

import zlib
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol, cast
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, Request, Response
from markupsafe import Markup
from msgspec import Struct

import referral_hub
from referral_hub import clock
from referral_hub.errors import Problem
from referral_hub.web.assets import assets
from referral_hub.web.formats import FORMATS, short_day
from referral_hub.web.look import SIZES, THEMES, asked_language, keep, look_of
from referral_hub.web.navigation import menu
from referral_hub.web.wording import (
    LANGUAGES,
    OWN_NAMES,
    catalogue,
    has,
    sentence_of,
    speaking,
    spoken,
)

# What the layers above leave in the ASGI scope: who is asking, and the token of their session.
ACTOR: Final = "hub.actor"
CSRF: Final = "hub.csrf"
HTML: Final = "text/html"

_token: ContextVar[str] = ContextVar("csrf_token_of_page", default="")


class Viewer(Protocol):
    """The little a page's frame needs to know of the actor."""

    @property
    def role(self) -> str: ...
    @property
    def roles(self) -> Any: ...
    def may(self, permission: Any, /) -> bool: ...


class Nobody(Struct, frozen=True):
    """A visitor, where nothing above has said otherwise."""

    role: str = ""
    roles: tuple[str, ...] = ()

    def may(self, permission: Any, /) -> bool:
        return False


class Network(Struct):
    """Whose hub this is, as header, footer and accessibility statement say it; filled at start."""

    name: str = ""
    area: str = ""
    phone: str = ""
    email: str = ""
    page: str = ""
    banner: str = ""


network: Final = Network()


def templates_folder() -> Path:
    """In a checkout the top-level folder, in an installed wheel the copy inside the package."""
    package = Path(referral_hub.__file__).parent
    checkout = package.parent / "templates"
    return checkout if (checkout / "layout.html").exists() else package / "templates"


@cache
def environment() -> Environment:
    """The one Jinja environment: autoescaped, and an undefined name is an error."""
    made = Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(FORMATS)
    made.filters["fingerprint"] = lambda text: f"{zlib.crc32(str(text).encode()):08x}"
    made.globals.update(FORMATS)
    made.globals.update(
        _=_said,
        ngettext=_counted,
        asset=lambda path: assets().url(path),
        code_text=code_text,
        coded=coded,
        csrf_field=csrf_field,
        has_text=lambda key: has(spoken(), key),
        problem_text=problem_text,
        spoken=spoken,
    )
    return made


# Jinja's own i18n makes a copy of the context for every sentence inside a loop: a third of a list's page.
def _said(text: str, /, **facts: object) -> Markup:
    """The sentence in the language of the page; what fills its gaps is escaped."""
    return Markup(catalogue(spoken()).gettext(text)) % facts  # noqa: S704 -- a sentence of our catalogues


def _counted(one: str, more: str, number: int, /, **facts: object) -> Markup:
    """The sentence for this many; `%(num)s` is the number itself."""
    text = catalogue(spoken()).ngettext(one, more, number)
    return Markup(text) % {"num": number, **facts}  # noqa: S704 -- a sentence of our catalogues


def share(**facts: Any) -> None:
    """Give every template a function or fact of a higher room, once at start."""
    environment().globals.update(facts)


def csrf_field() -> Markup:
    """The hidden field every POST form of a signed-in or guest page carries."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(_token.get())


def code_text(prefix: str, code: str, **facts: object) -> str:
    """The sentence of a coded key: `code_text("state", "sent")`."""
    return sentence_of(spoken(), prefix, code, facts)


def coded(prefix: str, codes: Iterable[str], hints: str = "") -> list[tuple[str, str, str]]:
    """Options of a field for codes whose words stand under `prefix.<code>`, with hints under `hints.<code>`."""
    return [(code, code_text(prefix, code), code_text(hints, code) if hints else "") for code in codes]


def problem_text(problem: Problem) -> str:
    """A problem's sentence; days among its facts are written as people write them."""
    facts = {name: short_day(fact) if isinstance(fact, date) else fact for name, fact in problem.facts.items()}
    return sentence_of(spoken(), "error", problem.code, facts)


def render(template: str, language: str, facts: Mapping[str, Any], *, csrf: str = "") -> str:
    """A template in a language; for a page use `page`, this is for parts, printed cards and tests."""
    held = _token.set(csrf)
    try:
        with speaking(language):
            return environment().get_template(template).render(facts)
    finally:
        _token.reset(held)


def page(
    request: Request[Any, Any, Any],
    template: str,
    status: int = 200,
    *,
    csrf: str | None = None,
    **facts: Any,
) -> Response[bytes]:
    """The page `template` for this visitor; `?lang=` is remembered in a cookie, else a visit changes nothing.

    `csrf` is the token of a link's page; a signed-in page takes its session's.
    """
    look = look_of(request)
    token = str(request.scope.get(CSRF) or "") if csrf is None else csrf
    text = render(template, look.language, {**frame(request), **facts}, csrf=token)
    response = Response(text.encode(), status_code=status, media_type=HTML, headers={"Vary": "Cookie, Accept-Language"})
    known = viewer_of(request).role or request.url.path[:3] in ("/c/", "/e/", "/a/", "/p/")
    response.headers["Cache-Control"] = "no-store" if known else "private, no-cache"
    language = asked_language(request)
    if language:
        keep(response, "language", language)
    return response


def viewer_of(request: Request[Any, Any, Any]) -> Viewer:
    """Who asks, as left in the scope by the sessions above."""
    return cast(Viewer, request.scope.get(ACTOR) or Nobody())


def frame(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """What the layout shows around every page."""
    look, viewer, path = look_of(request), viewer_of(request), request.url.path
    return {
        "look": look,
        "language": look.language,
        "languages": [(code, OWN_NAMES[code], _in_language(request, code)) for code in LANGUAGES],
        "themes": THEMES,
        "sizes": SIZES,
        "viewer": viewer,
        "menu": menu(viewer, path, served=_served(request.app)),
        "here": path,
        "came_from": _came_from(request),
        "network": network,
        "today": clock.today(),
    }


@cache
def _served(app: Litestar) -> frozenset[str]:
    """The addresses of this app: an entry of the menu appears when its page does."""
    return frozenset(route.path for route in app.routes)


def _in_language(request: Request[Any, Any, Any], language: str) -> str:
    """This same address in another language."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return "?" + urlencode([*pairs, ("lang", language)])


def _came_from(request: Request[Any, Any, Any]) -> str:
    """Where the settings of appearance lead back to: this page, if it can be asked for again."""
    if request.method != "GET":
        return request.url.path if request.method == "HEAD" else "/"
    query = urlencode([pair for pair in request.query_params.multi_items() if pair[0] != "lang"])
    return request.url.path + (f"?{query}" if query else "")
