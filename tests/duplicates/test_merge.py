"""Two entries become one: every id, reading, referral and line of history is still there."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.accounts.sessions import actor_of_session
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.duplicates.actions import judge_different, merge_institutions, move_stragglers
from referral_hub.errors import HubError, NotFound, Refused
from referral_hub.institutions.merged import survivor_of
from tests.build import actor_for, make_account, make_institution, make_offer, make_site
from tests.referrals.scene import make_scene, row_of, state_of
from tests.referrals.test_racers import scratch

pytestmark = pytest.mark.anyio
WHY = "Ten sam ośrodek wpisany dwa razy."


async def merge(kept: UUID, merged: UUID, **more: Any) -> UUID:
    return await merge_institutions(kept, merged, **{"actor": SYSTEM_ACTOR, "why": WHY, **more})


async def value(question: str, *arguments: object) -> Any:
    async with transaction(SYSTEM) as sql:
        return await sql.fetchval(question, *arguments)


async def add(table: str, **values: Any) -> UUID:
    made = new_id()
    values = {"id": made, **values}
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    async with transaction(SYSTEM) as sql:
        await sql.execute(f"insert into {table} ({', '.join(values)}) values ({places})", *values.values())
    return made


async def account_of(institution: UUID) -> UUID:
    found: UUID = await value("select id from account where institution = $1 limit 1", institution)
    return found


async def test_a_chain_leads_to_its_end(database: asyncpg.Connection) -> None:
    a, b, c = [await make_institution(name) for name in "ABC"]
    await merge(b, a)
    await merge(c, b)
    assert await survivor_of(a) == c
    assert await survivor_of(b) == c
    assert await survivor_of(c) is None


async def test_referrals_go_on_where_they_were_and_the_answer_link_still_works(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=2)
    sent, accepted = await scene.sent(), await scene.accepted()
    kept = await make_institution("Fundacja Próbna z Tarnowa")
    secret_holder = await scene.guest(sent)
    await merge(kept, scene.partner)
    assert (await state_of(sent), await state_of(accepted)) == ("sent", "accepted")
    assert (await row_of(sent))["receiver"] == kept
    assert await value("select count(*) from hold where task = $1 and state = 'held'", sent) == 1
    link = await value("select institution from link where id = $1", secret_holder.link)
    assert link == kept
    guest = Actor(kind="guest", role="guest", institution=kept, task=sent, link=secret_holder.link)
    await scene.move(sent, "accept", by=guest)
    assert await state_of(sent) == "accepted"


async def test_the_people_of_the_merged_entry_sign_in_for_the_survivor(database: asyncpg.Connection) -> None:
    from referral_hub.accounts.actions import sign_in
    from tests.build import PASSWORD

    kept, merged = await make_institution("Ośrodek"), await make_institution("Ośrodek drugi raz")
    secret = await sign_in(await make_account(merged, "partner_editor"), PASSWORD)
    await merge(kept, merged)
    actor = await actor_of_session(secret)
    assert actor is not None
    assert actor.institution == kept


async def test_a_partner_merged_into_its_sender_is_an_internal_partner(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=1)
    task = await scene.sent()
    await merge(scene.club, scene.partner)
    row = await row_of(task)
    assert row["sender"] == row["receiver"] == scene.club
    intake = await actor_of_id(scene.intake)
    await scene.move(task, "accept", by=intake)
    assert await state_of(task) == "accepted"
    assert (await scene.seen(task)).state == "accepted"


async def actor_of_id(actor: Actor) -> Actor:
    """The same person after the merge: what the session says anew at each request."""
    from msgspec import structs

    institution = await value("select institution from account where id = $1", actor.account)
    return structs.replace(actor, institution=institution)


async def test_the_source_believed_first_stays_unless_the_coordinator_says_otherwise(
    database: asyncpg.Connection,
) -> None:
    from referral_hub.institutions.actions import edit_institution

    kept = await make_institution("Nazwa z rejestru", description="")
    merged = await make_institution("x", description="Opis od partnera")
    await edit_institution(kept, {"name": "Nazwa z rejestru 2"}, by=SYSTEM, source="rjps")
    await edit_institution(merged, {"name": "Nazwa od partnera"}, by=SYSTEM, source="partner")
    await merge(kept, merged, take={"kind": "kept"})
    row = await database.fetchrow("select name, description from institution where id = $1", kept)
    assert dict(row) == {"name": "Nazwa od partnera", "description": "Opis od partnera"}
    line = await database.fetchrow(
        "select source, why from field_source where subject = $1 and field = 'name' order by at desc, id desc", kept
    )
    assert dict(line) == {"source": "partner", "why": WHY}


async def test_a_choice_against_the_ranks_is_the_coordinators_word(database: asyncpg.Connection) -> None:
    kept, merged = await make_institution("Zostaje"), await make_institution("Odchodzi")
    await merge(kept, merged, take={"name": "merged"})
    assert await value("select name from institution where id = $1", kept) == "Odchodzi"
    assert await value("select source from field_source where subject = $1 and field = 'name'", kept) == "coordinator"


async def test_one_house_is_one_place_and_two_offers_of_a_form_stay_two(database: asyncpg.Connection) -> None:
    kept, merged = await make_institution("A"), await make_institution("B")
    here = await make_site(kept, street="ul. Stefana Żeromskiego 2")
    there = await make_site(merged, street="ul. Żeromskiego 2", hours_text="pn-pt 8-16")
    one, two = await make_offer(kept, site=here, free=1), await make_offer(merged, site=there, free=2)
    await merge(kept, merged)
    assert await value("select status from site where id = $1", there) == "archived"
    assert await value("select hours_text from site where id = $1", here) == "pn-pt 8-16"
    assert await value("select site from offer_site where offer = $1", two) == here
    rows = await database.fetch("select free from offer_places where offer = any($1) order by free", [one, two])
    assert [row["free"] for row in rows] == [1, 2]


async def test_one_of_two_offers_may_end_and_its_readings_stay(database: asyncpg.Connection) -> None:
    kept, merged = await make_institution("A"), await make_institution("B")
    one, two = await make_offer(kept, free=1), await make_offer(merged, free=2)
    stranger = await make_offer(await make_institution("C"))
    with pytest.raises(Refused):
        async with transaction(SYSTEM):
            await merge(kept, merged, end=[stranger])
    await merge(kept, merged, end=[two])
    assert await value("select status from offer where id = $1", two) == "archived"
    assert await value("select status from offer where id = $1", one) == "published"
    assert await value("select count(*) from capacity_reading where offer = $1", two) == 1


async def test_contacts_of_both_stand_once(database: asyncpg.Connection) -> None:
    kept, merged = await make_institution("A"), await make_institution("B")
    for one, number in ((kept, "+48146210001"), (merged, "14 621 00 01"), (merged, "14 621 00 02")):
        await add("contact", institution=one, kind="phone", value=number)
    await merge(kept, merged)
    rows = await database.fetch("select value from contact where institution = $1 order by position", kept)
    assert [row["value"] for row in rows] == ["+48146210001", "14 621 00 02"]
    assert await value("select count(*) from contact where institution = $1", merged) == 1


async def test_what_cannot_become_one_is_refused_by_name(database: asyncpg.Connection) -> None:
    one, other = await make_institution("A"), await make_institution("B")
    archived = await make_institution("C", status="archived")
    club = await make_institution("KIS", kind="kis", club=True)
    wrong: list[tuple[UUID, UUID, str]] = [
        (one, one, "merge_with_itself"),
        (archived, one, "merge_into_archived"),
        (one, club, "merge_of_club"),
    ]
    for kept, merged, code in wrong:
        with pytest.raises(Refused) as refused:
            async with transaction(SYSTEM):
                await merge(kept, merged)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        async with transaction(SYSTEM):
            await merge(one, new_id())
    await merge(one, archived)
    await merge(one, other)
    with pytest.raises(Refused) as refused:
        await merge(one, other)
    assert refused.value.code == "merged_meanwhile"


async def test_a_waiting_change_of_both_is_not_lost(database: asyncpg.Connection) -> None:
    kept, merged = await make_institution("A"), await make_institution("B")
    for one in (kept, merged):
        await add("pending_edit", institution=one, subject_kind="institution", subject=one, made_at=clock.now(),
                  changes=to_json({"description": f"nowy opis {one}"}), before="{}")  # fmt: skip
    await merge(kept, merged)
    assert await value("select count(*) from pending_edit where subject = $1 and state = 'waiting'", kept) == 1
    row = await database.fetchrow("select field, suggested::text, origin from suggestion where subject = $1", kept)
    assert (row["field"], row["origin"]) == ("description", "partner")
    assert str(merged) in row["suggested"]


async def test_what_a_change_under_way_still_wrote_is_brought_over(database: asyncpg.Connection) -> None:
    kept, merged = await make_institution("A"), await make_institution("B")
    made = await merge(kept, merged)
    late = await make_offer(merged)
    assert await move_stragglers(made) == 1
    assert await value("select institution from offer where id = $1", late) == kept
    assert await move_stragglers(made) == 0


async def test_a_word_about_a_pair_holds_for_the_survivor(database: asyncpg.Connection) -> None:
    kept, merged, other = [await make_institution(name) for name in "ABC"]
    await judge_different(merged, other, actor=SYSTEM_ACTOR)
    await merge(kept, merged)
    first, second = sorted((kept, other))
    found = await value("select verdict from duplicate_verdict where first = $1 and second = $2", first, second)
    assert found == "different"


async def test_of_two_coordinators_at_once_one_wins_and_the_other_hears_why(pool: None, worker_id: str) -> None:
    async with scratch(f"merges_{worker_id}"):
        a, b, c = [await make_institution(name) for name in "ABC"]
        actor = await actor_for(c, "coordinator")

        async def attempt(kept: UUID, merged: UUID) -> str:
            with contextlib.suppress(asyncio.CancelledError):
                try:
                    await merge(kept, merged, actor=actor)
                except HubError as error:
                    return error.code
            return "done"

        codes = await asyncio.gather(attempt(a, b), attempt(b, a), attempt(a, b))
        assert sorted(codes) == ["done", "merged_meanwhile", "merged_meanwhile"]
        survivor = await value("select id from institution where status = 'published' and id = any($1)", [a, b])
        later = await asyncio.gather(attempt(c, survivor), attempt(survivor, c))
        assert sorted(later) == ["done", "merged_meanwhile"]
        assert (
            await value("select count(*) from institution where merged_into is null and id = any($1)", [a, b, c]) == 1
        )


async def test_referrals_sent_while_two_become_one_all_belong_to_the_survivor(pool: None, worker_id: str) -> None:
    async with scratch(f"sends_{worker_id}"):
        scene = await make_scene(free=6)
        kept = await make_institution("Fundacja Próbna II")
        tasks = [await scene.draft() for _ in range(6)]

        async def attempt(task: UUID) -> str:
            try:
                await scene.move(task, "send")
            except HubError as error:
                return error.code
            return "done"

        made, *codes = await asyncio.gather(merge(kept, scene.partner), *map(attempt, tasks))
        assert isinstance(made, UUID)
        await move_stragglers(made)
        for place in ("referral_task.receiver", "legal_basis.receiver", "offer.institution", "link.institution"):
            table, column = place.split(".")
            assert await value(f"select count(*) from {table} where {column} = $1", scene.partner) == 0, place
        sent = codes.count("done")
        assert await value("select count(*) from referral_task where state = 'sent' and receiver = $1", kept) == sent
        assert await value("select held from offer_places where offer = $1", scene.offer) == sent
