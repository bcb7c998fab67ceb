"""The whole chain by one rule: fresh → ask first → not suggested → intake closed; search finds it at every age."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.directory.actions import Said, edit_offer, report_reading
from referral_hub.directory.freshness import (
    LEADS,
    LIMITS,
    Freshness,
    ahead,
    asked_from,
    due,
    suggested,
    takes_referrals,
)
from referral_hub.directory.queries import capacity_of
from referral_hub.vocabularies.book import rhythm, terms
from referral_hub.web.formats import short_day
from referral_hub.web.wording import speaking
from tests.build import make_institution, make_offer

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
AGES = {"fresh": 2, "ask_first": 10, "not_suggested": 20, "closed": 40}


async def offer_told(age: int | None, title: str) -> UUID:
    with clock.at(NOON):
        offer = await make_offer(await make_institution(), title=title, rhythm="week")
        if age is not None:
            await report_reading(offer, Said(free=3, as_of=NOON - timedelta(days=age)), actor=SYSTEM_ACTOR)
    return offer


def text_of(page: httpx.Response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


async def test_search_finds_it_at_every_age_and_says_which(
    web: httpx.AsyncClient, database: asyncpg.Connection
) -> None:
    made = {label: await offer_told(age, "Kurs garncarski") for label, age in AGES.items()}
    made["unknown"] = await offer_told(None, "Kurs garncarski")
    with clock.at(NOON):
        items = (await web.get("/api/v1/offers?q=garncarski")).json()["items"]
    assert {item["id"]: item["capacity"]["freshness"] for item in items} == {
        str(offer): label for label, offer in made.items()
    }


async def test_the_offer_page_says_the_days_ahead(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    days = ahead((NOON - timedelta(days=2)).date(), "week")
    with speaking("pl"):
        first = short_day(days.ask_first)
    for label, words in (
        ("fresh", f"Od {first} najpierw zapytaj"),
        ("ask_first", "nie będziemy podpowiadać"),
        ("not_suggested", "Od"),
        ("closed", "nabór zamknięty"),
    ):
        offer = await offer_told(AGES[label], label)
        with clock.at(NOON):
            assert words in text_of(await web.get(f"/offers/{offer}")), label
    never = await offer_told(None, "nigdy")
    with clock.at(NOON):
        assert "najpierw zapytaj, chyba" not in text_of(await web.get(f"/offers/{never}"))


async def test_an_edit_of_the_entry_confirms_no_number(database: asyncpg.Connection) -> None:
    offer = await offer_told(20, "Stara")
    with clock.at(NOON):
        await edit_offer(offer, {"description": "nowy opis"}, actor=SYSTEM_ACTOR)
        assert (await capacity_of(offer)).freshness == "not_suggested"


async def test_an_import_confirms_only_what_it_states(database: asyncpg.Connection) -> None:
    offer = await offer_told(20, "Rejestr")
    with clock.at(NOON):
        # A register tells what was true on its own day, older than what is known: nothing becomes fresher.
        older = Said(free=9, as_of=NOON - timedelta(days=30))
        await report_reading(offer, older, actor=SYSTEM_ACTOR, source="imported")
        assert ((await capacity_of(offer)).free, (await capacity_of(offer)).freshness) == (3, "not_suggested")
        newer = Said(free=9, as_of=NOON - timedelta(days=9))
        await report_reading(offer, newer, actor=SYSTEM_ACTOR, source="imported")
        assert ((await capacity_of(offer)).free, (await capacity_of(offer)).freshness) == (9, "ask_first")


def test_what_may_be_suggested_is_what_may_be_sent_without_a_word() -> None:
    assert [label for label in Freshness if suggested(label)] == [
        label for label in Freshness if takes_referrals(label)
    ]
    assert not takes_referrals(Freshness.CLOSED)
    assert takes_referrals(Freshness.UNKNOWN)


def test_every_form_has_a_rhythm_the_rule_knows() -> None:
    assert {rhythm(code) for code, _ in terms("form", "pl")} <= set(LIMITS)
    assert set(LEADS) == set(LIMITS)


def test_a_number_is_never_asked_for_on_the_day_it_was_told() -> None:
    for name in LIMITS:
        for step in range(400):
            day = (NOON + timedelta(days=step)).date()
            assert asked_from(day, name) > day
            assert not due(day, name, day)
