"""The coordinator walks every institution with an account: what is missing, what ended, what ends soon."""

import re
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.agreement_mails import warn_of_endings
from referral_hub.database.transaction import SYSTEM
from referral_hub.institutions.actions import add_agreement
from referral_hub.institutions.agreements import ORDER, Standing, is_bound, standings
from referral_hub.jobs.actions import run_all
from referral_hub.mail.actions import compose
from referral_hub.web.wording import translate
from tests.accounts.test_claims import mails
from tests.build import make_account, make_institution, sign_in_as

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


async def partner(name: str, until: date | str | None = "none", *, account: bool = True) -> UUID:
    institution = await make_institution(name)
    if account:
        await make_account(institution, "partner_intake")
    if not isinstance(until, str):
        signed = clock.today() - 400 * DAY
        await add_agreement(institution, "agreement", signed_on=signed, valid_until=until, by=SYSTEM)
    return institution


@pytest.mark.parametrize(
    ("until", "state"),
    [(None, "in_force"), (31, "in_force"), (30, "ends_soon"), (0, "ends_soon"), (-1, "expired"), ("none", "missing")],
)
def test_the_state_is_told_by_the_last_day(until: int | str | None, state: str) -> None:
    today = date(2026, 11, 23)
    kind = None if until == "none" else "agreement"
    last = today + until * DAY if isinstance(until, int) else None
    assert Standing(UUID(int=1), "A", 1, kind, "", today, last).state(today) == state


async def test_every_institution_with_an_account_is_listed_once_with_its_state(web: httpx.AsyncClient) -> None:
    today = clock.today()
    known = {
        await partner("Bez umowy"): "missing",
        await partner("Dawna", today - DAY): "expired",
        await partner("Wkrótce", today + 10 * DAY): "ends_soon",
        await partner("Na zawsze", None): "in_force",
    }
    silent = await partner("Bez konta", account=False)
    both = await partner("Dwie umowy", today + 5 * DAY)
    await add_agreement(both, "statute", signed_on=today - DAY, by=SYSTEM)
    ahead = await partner("Od jutra")
    await add_agreement(ahead, "agreement", signed_on=today + DAY, by=SYSTEM)
    known |= {both: "in_force", ahead: "missing"}
    await sign_in_as(web, await make_institution("Klub", "kis", club=True), "coordinator")
    page = (await web.get("/agreements")).text
    found = re.findall(r'<tr role="row">\s*<th scope="row".*?/institutions/([0-9a-f-]{36})"(.*?)</tr>', page, re.S)
    rows = {UUID(institution): text for institution, text in found}
    assert set(rows) == set(known)
    assert silent not in rows
    for institution, state in known.items():
        assert translate("pl", f"agreement_state.{state}") in rows[institution]
        assert f"/institutions/{institution}/edit#agreements" in rows[institution]
        assert await is_bound(institution) == (state in ("in_force", "ends_soon"))
    listed = [row.state(today) for row in await standings()]
    assert listed == sorted(listed, key=ORDER.index)
    only = (await web.get("/agreements", params={"state": "expired"})).text
    assert "Dawna" in only
    assert "Na zawsze" not in only


@pytest.mark.parametrize("query", ["state=xyz", "page=0", "page=99999999999999", "page=-1", "state=%00"])
async def test_odd_questions_show_the_list(web: httpx.AsyncClient, query: str) -> None:
    await sign_in_as(web, await make_institution("Klub", "kis", club=True), "coordinator")
    assert (await web.get(f"/agreements?{query}")).status_code == 200


@pytest.mark.parametrize("role", ["caseworker", "partner_editor", "partner_intake", "dpo", "admin"])
async def test_nobody_but_the_coordinator_reads_it(web: httpx.AsyncClient, role: str) -> None:
    await sign_in_as(web, await make_institution("Klub", "kis", club=True), role)
    assert (await web.get("/agreements")).status_code == 403


async def test_an_ending_is_mailed_to_coordinators_once_a_month_ahead(database: asyncpg.Connection) -> None:
    today = clock.today()
    coordinator = await make_account(await make_institution("Klub", "kis", club=True), "coordinator")
    ending = await partner("Wkrótce", today + 30 * DAY)
    await partner("Później", today + 31 * DAY)
    await partner("Bez konta", today + 3 * DAY, account=False)
    renewed = await partner("Odnowiona", today + 3 * DAY)
    await add_agreement(renewed, "agreement", signed_on=today, valid_until=today + 400 * DAY, by=SYSTEM)
    assert await warn_of_endings() == 1
    (letter,) = await mails(database, "agreement_ends")
    assert (letter["to"], letter["name"]) == (coordinator, "Wkrótce")
    assert letter["link"].endswith(f"/institutions/{ending}/edit#agreements")
    assert await warn_of_endings() == 0
    with clock.at(clock.now() + DAY):
        assert await warn_of_endings() == 1
    assert "Wkrótce" in str(compose("a@b.example", "agreement_ends", "pl", letter).get_content())


async def test_the_worker_looks_for_endings_by_itself(database: asyncpg.Connection) -> None:
    from referral_hub.jobs.actions import enqueue
    from referral_hub.worker import registry, schedule

    await make_account(await make_institution("Klub", "kis", club=True), "coordinator")
    await partner("Wkrótce", clock.today() + DAY)
    assert schedule()["warn_of_agreements"] <= timedelta(days=1)
    await enqueue("warn_of_agreements", {})
    await run_all({"warn_of_agreements": registry()["warn_of_agreements"]})
    assert len(await mails(database, "agreement_ends")) == 1
