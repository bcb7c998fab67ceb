"""Every door has a lock, or stands on the list of doors that are meant to be open."""

import re
from collections.abc import Iterator
from typing import Any

from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from referral_hub.accounts.permissions import Permission
from referral_hub.app import make_app
from referral_hub.demo.pages import routes as mailbox_pages
from referral_hub.web.openapi import PREFIX, describe

# Open to anyone, on purpose. Links from mail (/a, /c, /e, /p) let in whoever holds them, and only there.
OPEN = re.compile(
    r"/|/map\.json|/institutions/\{[^}]*\}(/claim(/code)?)?|/offers/\{[^}]*\}(/history|/calendar|/terms\.ics|/meetings(\.ics)?)?|/map(/.*)?|/static/.*|/favicon\.ico|/robots\.txt"
    r"|/sign-in(/.*)?|/sign-out|/language|/appearance|/accessibility|/privacy-notice|/help(/.*)?"
    r"|/health/live|/health/ready|/metrics|/[acep](/.*)?|/demo/mail(\.json)?(/.*)?"
    r"|/(institutions|offers)/\{[^}]*\}/suggest"
    r"|/api/v1/(offers|institutions|needs|places|words|openapi\.json|session)(/\{[^}]*\})?(/readings|/meetings|/calendar)?"
)


LATER = {Permission.REPORT_READ}  # their pages come with a later step


def doors() -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for route in make_app(lifespan=False, more=mailbox_pages).routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                    yield method, route.path_format, handler


def test_every_route_asks_for_a_permission_or_is_meant_to_be_open() -> None:
    wrong: list[Any] = []
    for method, path, handler in doors():
        permissions = handler.opt.get("permissions", ())
        if permissions:
            assert all(isinstance(one, Permission) for one in permissions)
            assert not handler.opt.get("public"), f"{path} is both open and locked"
        elif not (handler.opt.get("public") and OPEN.fullmatch(path)):
            wrong.append((method, path))
    assert wrong == []


def test_the_list_of_open_doors_names_no_staff_page() -> None:
    for path in ("/referrals", "/people", "/my-offers", "/cooperation", "/gaps", "/report", "/accounts", "/privacy"):
        assert not OPEN.fullmatch(path)
        assert not OPEN.fullmatch(f"/api/v1{path}")


def test_an_open_write_without_a_token_is_rare() -> None:
    free = {path for method, path, handler in doors() if method != "GET" and handler.opt.get("without_token")}
    # Signing in and a participant's typed code come before there is a session; the others change nobody's data.
    assert free <= {"/sign-in", "/appearance", "/language", "/p/code", "/p/leave"}


def test_every_permission_opens_something() -> None:
    from tests.house.source import files

    used = {one for _, _, handler in doors() for one in handler.opt.get("permissions", ())}
    text = "".join(path.read_text(encoding="utf-8") for path in files() if path.name != "permissions.py")
    idle = [one for one in Permission if one not in used and f"Permission.{one.name}" not in text]
    assert set(idle) <= LATER


def test_every_call_of_a_program_is_described_with_what_its_doors_refuse() -> None:
    told = describe(make_app(lifespan=False))["paths"]
    for method, path, handler in doors():
        if path.startswith(PREFIX):
            operation = told.get(path, {}).get(method.lower())
            assert operation is not None, f"{method} {path} is not in openapi.json"
            if handler.opt.get("permissions"):
                assert {"401", "403"} <= set(operation["responses"]), f"{method} {path}"
