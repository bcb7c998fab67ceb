"""Approval: the approved version stays public until the coordinator has decided, field by field."""

import re
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec
import pytest

from referral_hub.accounts.sessions import COOKIE
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM
from referral_hub.directory.pending import conflicts, fingerprint, overlay
from referral_hub.directory.pending_actions import decide, pending_from, withdraw
from referral_hub.directory.saving import save_entry
from referral_hub.directory.state_actions import move_offer
from referral_hub.errors import NotAllowed, NotFound, Refused, Stale
from referral_hub.institutions.actions import NewContact, set_contacts
from tests.build import actor_for, make_institution, make_offer, make_site, sign_in_as

pytestmark = pytest.mark.anyio
WHOLE: dict[str, Any] = {
    "needs": ["zadluzenie"],
    "audiences": ["bezrobotne"],
    "first_step": "Zadzwoń.",
    "area": ["126301"],
}


class Scene:
    """A partner whose edits wait, its offer in the directory, and a coordinator."""

    def __init__(self, institution: UUID, offer: UUID, partner: Any, coordinator: Any) -> None:
        self.institution, self.offer, self.partner, self.coordinator = institution, offer, partner, coordinator


@pytest.fixture
async def scene(database: asyncpg.Connection) -> Scene:
    institution = await make_institution("Fundacja Most", edits_wait=True)
    await set_contacts(institution, [NewContact(kind="email", value="biuro@most.example")], by=SYSTEM, source="test")
    offer = await make_offer(institution, title="Prawnik", **WHOLE)
    partner = await actor_for(institution, "partner_editor")
    return Scene(institution, offer, partner, await actor_for(await make_institution("KIS"), "coordinator"))


async def waiting(sql: asyncpg.Connection, subject: UUID) -> Any:
    row = await sql.fetchrow("select * from pending_edit where subject = $1 and state = 'waiting'", subject)
    return pending_from(row) if row else None


async def test_the_approved_version_stays_public(
    web: httpx.AsyncClient, database: asyncpg.Connection, scene: Scene
) -> None:
    saved = await save_entry(
        "offer", scene.offer, {"title": "Prawniczka", "phone": "14 621 34 56"}, actor=scene.partner
    )
    assert saved.waits
    public = (await web.get(f"/offers/{scene.offer}")).text
    assert "Prawniczka" not in public
    assert "621 34 56" not in public
    assert await database.fetchval("select count(*) from contact where belongs_to = $1", scene.offer) == 0
    pending = await waiting(database, scene.offer)
    assert pending.changes == {"title": "Prawniczka", "phone": "14 621 34 56"}
    assert pending.before == {"title": "Prawnik", "phone": ""}
    await decide(pending.id, accepted=None, word="", seen=None, actor=scene.coordinator)
    public = (await web.get(f"/offers/{scene.offer}")).text
    assert "Prawniczka" in public
    assert "621 34 56" in public


async def test_going_on_changes_the_one_waiting_edit_and_undoing_it_takes_it_back(
    database: asyncpg.Connection, scene: Scene
) -> None:
    await save_entry("offer", scene.offer, {"title": "Prawniczka"}, actor=scene.partner)
    await save_entry("offer", scene.offer, {"cost": "bezpłatnie"}, actor=scene.partner)
    pending = await waiting(database, scene.offer)
    assert pending.changes == {"title": "Prawniczka", "cost": "bezpłatnie"}
    assert await database.fetchval("select count(*) from pending_edit where subject = $1", scene.offer) == 1
    await save_entry("offer", scene.offer, {"title": "Prawnik", "cost": ""}, actor=scene.partner)
    assert await waiting(database, scene.offer) is None
    assert await database.fetchval("select state from pending_edit where subject = $1", scene.offer) == "withdrawn"


async def test_single_fields_are_accepted_and_the_rest_rejected_with_a_word(
    database: asyncpg.Connection, scene: Scene
) -> None:
    await save_entry("offer", scene.offer, {"title": "NAJLEPSZY Prawnik", "cost": "bezpłatnie"}, actor=scene.partner)
    pending = await waiting(database, scene.offer)
    with pytest.raises(Refused):
        await decide(pending.id, accepted=["cost"], word="", seen=None, actor=scene.coordinator)
    await decide(pending.id, accepted=["cost"], word="Bez reklamy, proszę.", seen=None, actor=scene.coordinator)
    told = await database.fetchrow("select title, cost from offer where id = $1", scene.offer)
    assert tuple(told) == ("Prawnik", "bezpłatnie")
    rows = await database.fetch("select state, changes, word from pending_edit where subject = $1", scene.offer)
    assert {(row["state"], *msgspec.json.decode(row["changes"]), row["word"]) for row in rows} == {
        ("accepted", "cost", ""),
        ("rejected", "title", "Bez reklamy, proszę."),
    }
    jobs = await database.fetch("select payload from job where name = 'send_mail'")
    assert len(jobs) == 1
    events = await database.fetch("select event from audit_event where subject = $1 order by at, id", scene.offer)
    assert [one["event"] for one in events] == ["edit:propose", "offer:edit", "edit:decide"]


async def test_rejecting_needs_a_word_and_changes_nothing(database: asyncpg.Connection, scene: Scene) -> None:
    await save_entry("offer", scene.offer, {"title": "Inny"}, actor=scene.partner)
    pending = await waiting(database, scene.offer)
    with pytest.raises(Refused):
        await decide(pending.id, accepted=[], word="", seen=None, actor=scene.coordinator)
    assert await decide(pending.id, accepted=[], word="Nie.", seen=None, actor=scene.coordinator) == "rejected"
    with pytest.raises(Refused) as refusal:
        await decide(pending.id, accepted=None, word="", seen=None, actor=scene.coordinator)
    assert refusal.value.code == "edit_decided"
    assert await database.fetchval("select title from offer where id = $1", scene.offer) == "Prawnik"


async def test_what_has_moved_since_it_was_looked_at_is_not_accepted_unseen(
    database: asyncpg.Connection, scene: Scene
) -> None:
    await save_entry("offer", scene.offer, {"title": "Jeden"}, actor=scene.partner)
    pending = await waiting(database, scene.offer)
    seen = fingerprint(1, pending)
    await save_entry("offer", scene.offer, {"title": "Dwa"}, actor=scene.partner)
    with pytest.raises(Stale):
        await decide(pending.id, accepted=None, word="", seen=seen, actor=scene.coordinator)
    seen = fingerprint(1, await waiting(database, scene.offer))
    await save_entry("offer", scene.offer, {"title": "Trzy"}, actor=scene.coordinator)
    with pytest.raises(Stale):
        await decide(pending.id, accepted=None, word="", seen=seen, actor=scene.coordinator)
    moved = await waiting(database, scene.offer)
    assert conflicts({"title": "Trzy"}, moved) == ["title"]
    assert conflicts({"title": "Dwa"}, moved) == []
    assert overlay({"title": "Trzy"}, moved.changes) == {"title": "Dwa"}


async def test_closing_and_a_draft_do_not_wait_publishing_does(database: asyncpg.Connection, scene: Scene) -> None:
    assert not (await move_offer(scene.offer, "close", actor=scene.partner)).waits
    assert not (await move_offer(scene.offer, "reopen", actor=scene.partner)).waits
    draft = await make_offer(scene.institution, title="Nowy kurs", status="draft", **WHOLE)
    assert not (await save_entry("offer", draft, {"title": "Nowy kurs wikliny"}, actor=scene.partner)).waits
    assert (await move_offer(draft, "publish", actor=scene.partner)).waits
    assert await database.fetchval("select status from offer where id = $1", draft) == "draft"
    pending = await waiting(database, draft)
    await decide(pending.id, accepted=None, word="", seen=None, actor=scene.coordinator)
    assert await database.fetchval("select status from offer where id = $1", draft) == "published"


async def test_who_may_not_decide_or_withdraw(database: asyncpg.Connection, scene: Scene) -> None:
    await save_entry("offer", scene.offer, {"title": "Inny"}, actor=scene.partner)
    pending = await waiting(database, scene.offer)
    with pytest.raises(NotAllowed):
        await decide(pending.id, accepted=None, word="", seen=None, actor=scene.partner)
    stranger = await actor_for(await make_institution(), "partner_editor")
    with pytest.raises(NotFound):
        await withdraw("offer", scene.offer, actor=stranger)
    with pytest.raises(NotFound):
        await withdraw("site", scene.offer, actor=scene.partner)
    await withdraw("offer", scene.offer, actor=scene.partner)
    with pytest.raises(NotFound):
        await withdraw("offer", scene.offer, actor=scene.partner)
    with pytest.raises(NotFound):
        await decide(new_id(), accepted=None, word="", seen=None, actor=scene.coordinator)


async def test_edits_of_what_is_put_away_or_merged_can_only_be_rejected(
    database: asyncpg.Connection, scene: Scene
) -> None:
    await save_entry("offer", scene.offer, {"title": "Inny"}, actor=scene.partner)
    await move_offer(scene.offer, "archive", actor=scene.partner)
    assert await waiting(database, scene.offer) is None
    await save_entry("institution", scene.institution, {"short_name": "Most"}, actor=scene.partner)
    pending = await waiting(database, scene.institution)
    other = await make_institution()
    await database.execute(
        "update institution set status = 'merged', merged_into = $2 where id = $1", scene.institution, other
    )
    with pytest.raises(Refused) as refusal:
        await decide(pending.id, accepted=None, word="", seen=None, actor=scene.coordinator)
    assert refusal.value.code == "edit_subject_gone"
    assert await decide(pending.id, accepted=[], word="Połączone.", seen=None, actor=scene.coordinator) == "rejected"


async def test_one_waiting_edit_a_subject_is_the_databases_word_too(database: asyncpg.Connection, scene: Scene) -> None:
    await save_entry("offer", scene.offer, {"title": "Inny"}, actor=scene.partner)
    with pytest.raises(asyncpg.UniqueViolationError):
        await database.execute(
            """insert into pending_edit (id, institution, subject_kind, subject, base_version, changes, before, why,
             made_at, state, word) select $2, institution, subject_kind, subject, 1, changes, before, '', made_at,
             'waiting', '' from pending_edit where subject = $1""",
            scene.offer,
            new_id(),
        )


async def test_the_editors_page_shows_what_waits_and_the_queue_decides_it(
    web: httpx.AsyncClient, database: asyncpg.Connection, scene: Scene
) -> None:
    actor = await sign_in_as(web, scene.institution, "partner_editor")
    form = {"title": "Prawniczka od długów", "form": "por_prawne", "needs": "zadluzenie", "audiences": "bezrobotne"}
    form |= {"intake_mode": "phone", "version": "1", "why": "Zmiana osoby", "area": "Tarnów"}
    answer = await web.post(f"/my-offers/{scene.offer}", data=form, follow_redirects=True)
    assert "Czeka na zatwierdzenie" in answer.text
    page = (await web.get(f"/my-offers/{scene.offer}")).text
    assert 'value="Prawniczka od długów"' in page
    assert "nazwa" in page
    assert (await web.get("/edits")).status_code == 403
    web.cookies.delete(COOKIE)
    await sign_in_as(web, await make_institution("KIS", kind="kis"), "coordinator")
    queue = (await web.get("/edits")).text
    for shown in ("Prawniczka od długów", "Prawnik", "Zmiana osoby", "Fundacja Most", "<ins>", "<del>"):
        assert shown in queue.replace("<span", "\n<span") or shown in queue
    [value] = re.findall(r'name="edit" value="([^"]+)"', queue)
    single = (await web.get(f"/edits/{value.split(':')[0]}")).text
    assert "Zmiana osoby" in single
    done = await web.post("/edits", data={"edit": [value, f"{new_id()}:x", "nonsense"]}, follow_redirects=True)
    assert "Jedna zmiana jest już w katalogu." in done.text
    assert "2 zmian nie dało się" in done.text
    told = await database.fetchrow("select title, intake_mode from offer where id = $1", scene.offer)
    assert tuple(told) == ("Prawniczka od długów", "phone")
    source = await database.fetchrow(
        "select source, why from field_source where subject = $1 and field = 'title'", scene.offer
    )
    assert tuple(source) == ("partner", "Zmiana osoby")
    assert actor.institution == scene.institution


async def test_a_new_place_waits_to_be_shown(
    web: httpx.AsyncClient, database: asyncpg.Connection, scene: Scene
) -> None:
    await sign_in_as(web, scene.institution, "partner_editor")
    data = {"place": "Tarnów", "street": "ul. Nowa 7", "address_visibility": "public", "access": "yes"}
    answer = await web.post("/my-offers/places/new", data=data, follow_redirects=True)
    assert "Czeka na zatwierdzenie" in answer.text
    assert "ul. Nowa 7" in answer.text
    assert "ul. Nowa 7" not in (await web.get(f"/institutions/{scene.institution}")).text
    site = await database.fetchval("select id from site where institution = $1", scene.institution)
    pending = await waiting(database, site)
    await decide(pending.id, accepted=None, word="", seen=None, actor=scene.coordinator)
    assert "ul. Nowa 7" in (await web.get(f"/institutions/{scene.institution}")).text


async def test_trust_is_turned_on_and_off_by_the_coordinator_only(
    web: httpx.AsyncClient, database: asyncpg.Connection, scene: Scene
) -> None:
    url = f"/institutions/{scene.institution}/approval"
    await sign_in_as(web, scene.institution, "partner_editor")
    assert (await web.post(url, data={"edits_wait": "no"})).status_code == 403
    await sign_in_as(web, await make_institution("KIS", kind="kis"), "coordinator")
    assert (await web.post(url, data={"edits_wait": "maybe"})).status_code == 422
    assert (await web.post(url, data={"edits_wait": "no"})).status_code == 303
    assert not (await save_entry("offer", scene.offer, {"cost": "10 zł"}, actor=scene.partner)).waits


@pytest.mark.parametrize("edit", ["x", "00000000-0000-0000-0000-000000000000"])
async def test_forged_decisions_change_nothing(web: httpx.AsyncClient, scene: Scene, edit: str) -> None:
    await sign_in_as(web, await make_institution("KIS", kind="kis"), "coordinator")
    assert (await web.post(f"/edits/{edit}", data={"act": "accept", "field": "title"})).status_code == 404
    assert (await web.post("/edits", data={})).status_code == 422
    assert (await web.get("/edits?page=-1")).status_code == 200
    assert (await web.get("/edits?page=99999999999999999999&accepted=9e9&left=x")).status_code == 200


async def test_a_decision_on_the_page_field_by_field(
    web: httpx.AsyncClient, database: asyncpg.Connection, scene: Scene
) -> None:
    await make_site(scene.institution)
    await save_entry("offer", scene.offer, {"title": "Inny", "cost": "5 zł"}, actor=scene.partner)
    pending = await waiting(database, scene.offer)
    await sign_in_as(web, await make_institution("KIS", kind="kis"), "coordinator")
    url, seen = f"/edits/{pending.id}", fingerprint(1, pending)
    assert (await web.post(url, data={"act": "accept", "seen": seen})).status_code == 422
    assert (await web.post(url, data={"act": "accept", "field": "cost", "seen": "forged"})).status_code == 409
    kept = await web.post(url, data={"act": "accept", "field": "cost", "seen": seen, "word": "x" * 1001})
    assert kept.status_code == 422
    answer = await web.post(url, data={"act": "reject", "seen": seen, "word": "Nie tak."}, follow_redirects=True)
    assert "nie została przyjęta" in answer.text
