"""How this visitor wants the pages: language, colours and text size, kept in three cookies."""

from typing import Any, Final, Literal

from litestar import Request, Response
from litestar.datastructures import Cookie
from msgspec import Struct

from referral_hub.settings import settings
from referral_hub.web.wording import DEFAULT_LANGUAGE, LANGUAGES

THEMES: Final = ("light", "dark", "contrast")
SIZES: Final = ("m", "l", "xl")
A_YEAR: Final = 365 * 24 * 3600
COOKIES: Final = {"language": LANGUAGES, "theme": THEMES, "size": SIZES}
CookieName = Literal["language", "theme", "size"]


class Look(Struct, frozen=True):
    """One of LANGUAGES, one of THEMES, one of SIZES."""

    language: str = DEFAULT_LANGUAGE
    theme: str = "light"
    size: str = "m"


def look_of(request: Request[Any, Any, Any]) -> Look:
    """What `?lang=` and the cookies say; where there is no cookie yet, the browser's own languages."""
    return Look(
        language=asked_language(request) or _kept(request, "language") or _browser_language(request),
        theme=_kept(request, "theme") or "light",
        size=_kept(request, "size") or "m",
    )


def asked_language(request: Request[Any, Any, Any]) -> str | None:
    """The language in `?lang=`, if it is one of ours."""
    language = request.query_params.get("lang")
    return language if language in LANGUAGES else None


def keep(response: Response[Any], name: CookieName, value: str) -> None:
    """Remember one wish for a year: no identity in it, readable by nobody's script."""
    response.cookies.append(
        Cookie(
            name,
            value=value,
            path="/",
            max_age=A_YEAR,
            httponly=True,
            secure=settings().https,
            samesite="lax",
        )
    )


def _kept(request: Request[Any, Any, Any], name: CookieName) -> str | None:
    value = request.cookies.get(name)
    return value if value in COOKIES[name] else None


def _browser_language(request: Request[Any, Any, Any]) -> str:
    """The first of ours among the languages the browser names, by its weights."""
    weighed: list[tuple[float, int, str]] = []
    for place, part in enumerate(request.headers.get("accept-language", "")[:200].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.split("-")[0].lower()
        if language in LANGUAGES:
            try:
                weighed.append((-float(weight or 1), place, language))
            except ValueError:
                continue
    return min(weighed)[2] if weighed else DEFAULT_LANGUAGE
