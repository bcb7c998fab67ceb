"""The frame of a page: language, look, menu by permission, dates and ages; errors that tell a way out."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts import care
from referral_hub.accounts.permissions import Permission
from referral_hub.app import CARES
from referral_hub.errors import Problem
from referral_hub.web import formats
from referral_hub.web.forms import Form
from referral_hub.web.navigation import ENTRIES, menu
from referral_hub.web.page import environment, render
from referral_hub.web.site_pages import own_address
from referral_hub.web.wording import speaking
from tests.build import make_institution, sign_in_as

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
REQUIRED_IDS = (
    "a11y-wstep",
    "a11y-podmiot",
    "a11y-url",
    "a11y-data-publikacja",
    "a11y-data-aktualizacja",
    "a11y-status",
    "a11y-ocena",
    "a11y-data-sporzadzenie",
    "a11y-data-przeglad",
    "a11y-kontakt",
    "a11y-osoba",
    "a11y-email",
    "a11y-telefon",
    "a11y-procedura",
    "a11y-architektura",
    "a11y-aplikacje",
)


class May:
    """Somebody with exactly these permissions."""

    def __init__(self, *held: str) -> None:
        self.held = held

    def may(self, permission: Any) -> bool:
        return permission in self.held


def test_every_template_compiles_and_holds_nothing_inline() -> None:
    for name in environment().list_templates():
        environment().get_template(name)
        source = environment().loader.get_source(environment(), name)[0]  # type: ignore[union-attr]
        if not name.startswith("email/"):
            assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|javascript:", source), name
            assert not re.search(r"<script(?![^>]*\ssrc=)", source), name


def test_the_menu_shows_what_one_may_open() -> None:
    assert [item.url for item in menu(May(), "/")] == ["/"]
    found = menu(May("referral:read", "person:read"), "/referrals/1")
    assert [(item.url, item.current) for item in found] == [("/", False), ("/referrals", True), ("/people", False)]
    assert [item.url for item in menu(May("referral:read"), "/", served=frozenset({"/"}))] == ["/"]


def test_a_long_menu_folds_what_is_opened_seldom_but_never_where_one_is_or_what_waits() -> None:
    every = tuple({permission for _, _, permissions in ENTRIES for permission in permissions})
    few = menu(May("favourite:keep", "account:read"), "/")
    assert not any(item.folded for item in few)
    shown = [item.url for item in menu(May(*every), "/") if not item.folded]
    assert "/accounts" not in shown
    assert {"/", "/referrals", "/people", "/care"} <= set(shown)
    assert [item.url for item in menu(May(*every), "/accounts") if item.current and not item.folded] == ["/accounts"]
    assert {item.url for item in menu(May(*every), "/")} == {url for url, _, _ in ENTRIES}


def test_a_page_elsewhere_marks_the_entry_that_leads_to_it_for_whoever_has_that_entry() -> None:
    care.hang(CARES)

    def marked(path: str, *held: str) -> list[str]:
        return [item.url for item in menu(May(*held), path) if item.current]

    for path in ("/calls", "/freshness/offers", "/edits", "/moderation/sources", "/agreements", "/exchange"):
        assert marked(path, "directory:moderate") == ["/care"], path
    assert marked("/accounts/claims", "directory:moderate", "account:read") == ["/care"]
    assert marked("/accounts/claims", "account:read") == ["/accounts"]
    assert marked("/accounts", "directory:moderate", "account:read") == ["/accounts"]
    assert marked("/callsigns", "directory:moderate") == []
    assert marked("/my-offers/1", "directory:moderate") == ["/care"]
    assert marked("/my-offers/1", "directory:moderate", "offer:edit") == ["/my-offers"]
    assert marked("/my-offers/1/meetings/2/attendance", "directory:moderate", "attendance:mark") == ["/attendance"]


def test_the_menu_names_real_permissions_and_its_words_are_extracted() -> None:
    asked = {permission for _, _, permissions in ENTRIES for permission in permissions}
    assert asked <= {str(permission) for permission in Permission}
    source = environment().loader.get_source(environment(), "macros/menu_words.html")[0]  # type: ignore[union-attr]
    assert set(re.findall(r'_\("([^"]+)"\)', source)) == {label for _, label, _ in ENTRIES}


def test_ages_are_said_in_every_language() -> None:
    with clock.at(NOON):
        days = [NOON - timedelta(days=count) for count in (0, 1, 2, 5, 22, -1, -3)]
        said = {}
        for language in ("pl", "uk", "en"):
            with speaking(language):
                said[language] = [formats.age(day) for day in days]
    assert said["pl"] == ["dziś", "wczoraj", "2 dni temu", "5 dni temu", "22 dni temu", "jutro", "za 3 dni"]
    assert said["uk"] == ["сьогодні", "вчора", "2 дні тому", "5 днів тому", "22 дні тому", "завтра", "через 3 дні"]
    assert said["en"][2:5] == ["2 days ago", "5 days ago", "22 days ago"]


def test_days_are_counted_in_warsaw() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    with speaking("pl"):
        assert formats.day(late) == "24 listopada 2026"
        assert formats.moment(late) == "24 listopada 2026, 00:30"
        assert formats.short_day(late) == "24.11.2026"
        assert formats.day_of_week(late) == "wtorek, 24 listopada"
        assert formats.distance(2.345) == "2,3\u00a0km"
        assert formats.number(12345) == "12\u00a0345"


CAPACITY = {"waiting": None, "as_of": "2026-11-21", "freshness": "fresh", "free": None}


@pytest.mark.parametrize(
    ("capacity", "words"),
    [
        ({"status": "capacity", "free": 1}, "<b>1</b> wolne miejsce"),
        ({"status": "capacity", "free": 5}, "<b>5</b> wolnych miejsc"),
        ({"status": "capacity", "free": 0}, "brak miejsc"),
        ({"status": "no-capacity"}, "brak miejsc"),
        ({"status": "waitlist", "waiting": 3}, "3 osoby czekają"),
        ({"status": "unknown", "as_of": None, "freshness": "unknown"}, "zapytaj telefonicznie"),
        ({"status": "capacity", "free": 2, "freshness": "ask_first"}, "najpierw zapytaj"),
        ({"status": "capacity", "free": 2, "freshness": "closed"}, "nabór zamknięty"),
    ],
)
def test_places_are_said_with_their_age(capacity: dict[str, object], words: str) -> None:
    whole = {**CAPACITY, **capacity}
    with clock.at(NOON):
        source = environment().from_string('{% from "macros/parts.html" import places %}{{ places(c) }}')
        with speaking("pl"):
            text = " ".join(source.render(c=whole).split())
    assert words in text
    assert ("2 dni temu" in text) == (whole["as_of"] is not None)


def test_a_field_shows_its_problem_and_what_was_typed() -> None:
    form = Form({"free": '"><script>'})
    form.problems.append(Problem("free", "out_of_range", {"least": 0, "most": 9}))
    source = environment().from_string(
        '{% from "macros/forms.html" import field, error_summary %}'
        '{{ error_summary(form) }}{{ field(form, "free", "Miejsca") }}'
    )
    with speaking("pl"):
        text = source.render(form=form)
    assert "<script>" not in text
    assert text.count("Wpisz liczbę od 0 do 9.") == 2
    assert 'href="#free"' in text
    assert 'aria-describedby="free-problem"' in text
    assert 'aria-invalid="true"' in text


def test_a_page_without_a_fact_is_a_mistake() -> None:
    with pytest.raises(Exception, match="undefined"):
        render("site/accessibility.html", "pl", {})


async def test_the_statement_has_every_id_the_law_asks_for(web: httpx.AsyncClient) -> None:
    text = (await web.get("/accessibility")).text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert set(REQUIRED_IDS) <= set(ids)
    assert len(ids) == len(set(ids))
    assert '<meta name="deklaracja-dostępności" content="/accessibility">' in text


@pytest.mark.parametrize("path", ["/accessibility", "/appearance", "/privacy-notice", "/help", "/sign-in"])
@pytest.mark.parametrize("language", ["pl", "uk", "en"])
async def test_pages_about_the_hub_speak_three_languages(web: httpx.AsyncClient, path: str, language: str) -> None:
    answer = await web.get(path, params={"lang": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    again = await web.get(path)
    assert f'<html lang="{language}"' in again.text


async def test_the_browsers_language_decides_at_first(web: httpx.AsyncClient) -> None:
    for accepted, language in (
        ("uk-UA,uk;q=0.9", "uk"),
        ("de, en;q=0.5, pl;q=0.4", "en"),
        ("de;q=x", "pl"),
        ("", "pl"),
    ):
        answer = await web.get("/help", headers={"accept-language": accepted})
        assert f'<html lang="{language}"' in answer.text


async def test_appearance_is_kept_in_cookies_and_leads_back(web: httpx.AsyncClient) -> None:
    sent = {"theme": "contrast", "size": "xl", "language": "xx", "next": "/help?a=1"}
    answer = await web.post("/appearance", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/help?a=1")
    text = (await web.get("/help")).text
    assert 'data-theme="contrast" data-size="xl"' in text
    assert '<html lang="pl"' in text


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil", "", "/a\nb", "javascript:1", None]
)
def test_nothing_leads_to_another_host(address: str | None) -> None:
    assert own_address(address) == "/"
    assert own_address("/referrals?box=todo") == "/referrals?box=todo"


async def test_an_error_is_a_page_for_people_and_a_problem_for_programs(web: httpx.AsyncClient) -> None:
    page = await web.get("/nie-ma", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "Nie ma takiej strony" in page.text
    assert 'href="/"' in page.text
    told = await web.get("/api/v1/nothing", headers={"accept-language": "en"})
    assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json")
    assert told.json()["code"] == "not_found"
    assert (await web.get("/nie-ma", headers={"accept": "application/json"})).json()["code"] == "not_found"


async def test_a_wrong_method_names_the_right_ones(web: httpx.AsyncClient) -> None:
    answer = await web.put("/help")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "OPTIONS"}


async def test_whoever_is_not_signed_in_is_led_to_sign_in(web: httpx.AsyncClient) -> None:
    answer = await web.get("/accounts?group=institutions")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/accounts%3Fgroup%3Dinstitutions"


async def test_a_page_of_a_signed_in_person_is_not_kept(web: httpx.AsyncClient) -> None:
    await sign_in_as(web, await make_institution(), "admin")
    answer = await web.get("/accounts")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "/static/" in answer.text
    assert (await web.get("/accessibility", headers={"cookie": ""})).status_code == 200


async def test_an_oversized_form_is_413(web: httpx.AsyncClient) -> None:
    answer = await web.post("/appearance", data={"next": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "1 MB" in answer.text
