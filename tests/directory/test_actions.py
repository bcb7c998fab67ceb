"""Sites and offers: whose they are, what cannot be taken, and a history for every field."""

import asyncpg
import msgspec
import pytest

from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.directory.actions import OfferFacts, SiteFacts, add_offer, add_site, edit_offer, edit_site
from referral_hub.errors import NotFound, Refused, Stale
from tests.build import actor_for, make_institution, make_offer

pytestmark = pytest.mark.anyio
FACTS = OfferFacts(form="por_prawne", title="Porady prawne", eligibility={"age_from": 18}, needs=["zadluzenie"])


async def test_an_offer_at_a_site_with_its_history(database: asyncpg.Connection) -> None:
    partner = await actor_for(await make_institution(), "partner_editor")
    site = await add_site(
        partner.institution,
        SiteFacts(street="ul. Długa 1", place="Tarnów", terc="126301", hours_text="pon.–pt.  7.30–15.30"),
        actor=partner,
    )
    row = await database.fetchrow("select hours_text, hours from site where id = $1", site)
    assert row["hours_text"] == "pon.–pt. 7.30–15.30"
    assert msgspec.json.decode(row["hours"]) == [{"days": [1, 2, 3, 4, 5], "from": "07:30", "to": "15:30"}]
    offer = await add_offer(partner.institution, FACTS, actor=partner, sites=[site])
    assert await edit_offer(offer, {"title": "Prawnik za darmo", "form": "por_prawne"}, actor=partner, version=1) == 2
    assert await edit_offer(offer, {"title": "Prawnik za darmo", "eligibility": {"age_from": 18}}, actor=partner) == 2
    history = await database.fetch(
        """select before, value, account from field_source
        where subject = $1 and field = 'title' order by at, id""",
        offer,
    )
    assert [(row["before"], row["value"]) for row in history] == [
        ("null", '"Porady prawne"'),
        ('"Porady prawne"', '"Prawnik za darmo"'),
    ]
    assert {row["account"] for row in history} == {partner.account}
    events = await database.fetch(
        "select event from audit_event where subject = any($1) order by at, id", [site, offer]
    )
    assert [row["event"] for row in events] == ["site:add", "offer:add", "offer:edit"]


async def test_a_text_that_becomes_uncertain_loses_its_intervals_not_itself(database: asyncpg.Connection) -> None:
    site = await add_site(await make_institution(), SiteFacts(hours_text="pon. 8-16"), actor=SYSTEM_ACTOR)
    await edit_site(site, {"hours_text": "pon. 8-16, prawnik co drugi wtorek"}, actor=SYSTEM_ACTOR)
    row = await database.fetchrow("select hours_text, hours from site where id = $1", site)
    assert (row["hours_text"], row["hours"]) == ("pon. 8-16, prawnik co drugi wtorek", "[]")


async def test_all_problems_are_told_at_once(database: asyncpg.Connection) -> None:
    facts = OfferFacts(
        form="nie_ma",
        title=" ",
        needs=["x"],
        area=["9999"],
        rhythm="hourly",
        eligibility={"age_from": 60, "age_to": 18},
    )
    with pytest.raises(Refused) as refusal:
        await add_offer(await make_institution(), facts, actor=SYSTEM_ACTOR)
    assert {problem.field for problem in refusal.value.problems} == {
        "form",
        "title",
        "needs",
        "area",
        "rhythm",
        "age_to",
    }
    with pytest.raises(Refused) as refusal:
        await add_site(await make_institution(), SiteFacts(post_code="12345", terc="99", lat=200), actor=SYSTEM_ACTOR)
    assert {problem.field for problem in refusal.value.problems} == {"post_code", "terc", "lat"}


async def test_somebody_elses_entries_are_not_found(database: asyncpg.Connection) -> None:
    partner = await actor_for(await make_institution(), "partner_editor")
    other = await make_institution()
    offer = await make_offer(other)
    with pytest.raises(NotFound):
        await edit_offer(offer, {"title": "Moje"}, actor=partner)
    with pytest.raises(NotFound):
        await add_offer(other, FACTS, actor=partner)
    site = await add_site(other, SiteFacts(), actor=SYSTEM_ACTOR)
    with pytest.raises(NotFound):
        await edit_site(site, {"name": "Moje"}, actor=partner)
    with pytest.raises(Refused):
        await edit_offer(await make_offer(partner.institution), {}, actor=partner, sites=[site])
    coordinator = await actor_for(await make_institution(kind="kis"), "coordinator")
    assert await edit_offer(offer, {"title": "Poprawione"}, actor=coordinator, source="coordinator") == 2


async def test_an_edit_over_somebodys_edit_is_stale_and_changes_nothing(database: asyncpg.Connection) -> None:
    offer = await make_offer(await make_institution())
    await edit_offer(offer, {"title": "Nowa nazwa"}, actor=SYSTEM_ACTOR, version=1)
    with pytest.raises(Stale):
        await edit_offer(offer, {"title": "Inna nazwa"}, actor=SYSTEM_ACTOR, version=1)
    with pytest.raises(Stale):
        await edit_offer(offer, {"title": "Inna nazwa"}, actor=SYSTEM_ACTOR, version=1, sites=[])
    assert await database.fetchval("select title from offer where id = $1", offer) == "Nowa nazwa"
    with pytest.raises(Refused):
        await edit_offer(offer, {"institution": offer}, actor=SYSTEM_ACTOR)
