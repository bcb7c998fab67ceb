"""Two clubs say what they offer and want, and come together; nobody else is told who."""

import asyncio
import json
import re
from datetime import timedelta
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.barter.actions import add_line, end_line, go_on, propose
from referral_hub.barter.schemas import NewLine
from referral_hub.database.columns import new_id
from referral_hub.database.transaction import SYSTEM
from referral_hub.errors import NotFound, Refused
from referral_hub.institutions.actions import NewContact, set_contacts
from referral_hub.mail.actions import facts_of
from tests.build import actor_for, make_institution, make_offer, sign_in_as
from tests.referrals.test_racers import scratch

pytestmark = pytest.mark.anyio


async def make_partner(name: str, address: str) -> tuple[UUID, UUID]:
    institution = await make_institution(name)
    await set_contacts(institution, [NewContact(kind="email", value=address)], by=SYSTEM, source="test")
    return institution, await make_offer(institution, "barter", f"Wymiana: {name}")


async def mails(database: asyncpg.Connection) -> list[tuple[str, str]]:
    rows = await database.fetch("select payload from job where name = 'send_mail' order by id")
    waiting = [json.loads(row["payload"]) for row in rows]
    return [(one["to"], str(facts_of(one)["state"])) for one in waiting if one["template"] == "exchange_news"]


async def test_from_lines_to_done_through_pages(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    one, first = await make_partner("Klub Razem", "razem@klub.example")
    other, second = await make_partner("Fundacja Most", "most@fundacja.example")
    await sign_in_as(web, one, "partner_editor")
    for data in (
        {"side": "offered", "subject": "remonty", "text": "Malowanie pokoi", "amount": "2 dni", "key": "a"},
        {"side": "offered", "subject": "remonty", "text": "Malowanie pokoi", "amount": "2 dni", "key": "a"},
        {"side": "wanted", "subject": "gotowanie", "text": "Obiad dla grupy", "key": "b"},
    ):
        assert (await web.post(f"/my-offers/{first}/exchange/lines", data=data)).status_code == 303
    assert await database.fetchval("select count(*) from barter_line") == 2
    await sign_in_as(web, other, "partner_editor")
    for side, subject in (("wanted", "remonty"), ("offered", "gotowanie")):
        await web.post(
            f"/my-offers/{second}/exchange/lines", data={"side": side, "subject": subject, "text": "malowanie"}
        )
    page = await web.get(f"/my-offers/{second}/exchange?lang=pl")
    assert "Usługa za usługę" in page.text
    assert "Każda strona ma to, czego szuka druga." in page.text
    legs = re.findall(r'name="leg" value="([^"]+)"', page.text)
    assert len(legs) == 2
    proposed = await web.post(f"/my-offers/{second}/exchange/proposals", data={"leg": legs, "key": "p"})
    assert proposed.headers["location"].endswith("done=proposed")
    await web.post(f"/my-offers/{second}/exchange/proposals", data={"leg": legs, "key": "q"})
    rows = await database.fetch("select id, state, proposed_by from barter_exchange order by id")
    assert [(row["state"], row["proposed_by"]) for row in rows] == [("proposed", other)] * 2
    assert await mails(database) == [("razem@klub.example", "proposed")] * 2
    own = await web.post(f"/my-offers/{second}/exchange/{rows[0]['id']}?lang=pl", data={"act": "agree"})
    assert own.status_code == 422
    assert "musi się zgodzić druga strona" in own.text

    await sign_in_as(web, one, "partner_editor")
    assert "Zgadzamy się" in (await web.get(f"/my-offers/{first}/exchange?lang=pl")).text
    for act, state in (("agree", "agreed"), ("agree", "agreed"), ("done", "done")):
        moved = await web.post(f"/my-offers/{first}/exchange/{rows[0]['id']}", data={"act": act})
        assert moved.headers["location"].endswith(f"done={state}")
    await web.post(f"/my-offers/{first}/exchange/{rows[1]['id']}", data={"act": "let_go", "word": "Kuchnia w remoncie"})
    assert (await mails(database))[2:] == [
        ("most@fundacja.example", "agreed"), ("most@fundacja.example", "done"), ("most@fundacja.example", "let_go"),
    ]  # fmt: skip
    assert "Kuchnia w remoncie" in (await web.get(f"/my-offers/{first}/exchange")).text
    assert "Usługa za usługę" not in (await web.get(f"/my-offers/{first}/exchange")).text
    web.cookies.clear()
    public = (await web.get(f"/offers/{first}?lang=uk")).text
    assert "Пропонуємо" in public
    assert "Malowanie pokoi" in public


async def test_the_coordinator_sees_everything_and_acts_for_those_who_phone(web: httpx.AsyncClient) -> None:
    one, first = await make_partner("Klub Razem", "razem@klub.example")
    other, second = await make_partner("Fundacja Most", "most@fundacja.example")
    editor = await actor_for(one, "partner_editor")
    given = await add_line(first, NewLine("offered", "szycie", "Przeróbki"), actor=editor)
    wanted = await add_line(second, NewLine("wanted", "szycie"), actor=await actor_for(other, "partner_editor"))
    await sign_in_as(web, await make_institution("Klub", club=True), "coordinator")
    assert "Fundacja Most" in (await web.get("/exchange")).text
    made = await propose(first, given, wanted, actor=editor)
    assert (await web.post(f"/my-offers/{second}/exchange/{made}", data={"act": "agree"})).status_code == 303
    assert "uzgodnione" in (await web.get("/exchange?lang=pl")).text
    await sign_in_as(web, one, "partner_editor")
    assert (await web.get("/exchange")).status_code == 403


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"side": "stolen"}, "side"),
        ({"subject": "broń"}, "subject"),
        ({"subject": ""}, "subject"),
        ({"text": "a\x00b"}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"until": "2020-01-01"}, "until"),
        ({"until": "wczoraj"}, "until"),
    ],
)
async def test_a_wrong_line_comes_back(web: httpx.AsyncClient, data: dict[str, str], field: str) -> None:
    one, first = await make_partner("Klub Razem", "razem@klub.example")
    await sign_in_as(web, one, "partner_editor")
    sent = {"side": "offered", "subject": "remonty", "amount": "dużo", **data}
    answer = await web.post(f"/my-offers/{first}/exchange/lines", data=sent)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "dużo" in answer.text


async def test_strangers_ended_lines_and_wrong_pairs(web: httpx.AsyncClient, database: asyncpg.Connection) -> None:
    one, first = await make_partner("Klub Razem", "razem@klub.example")
    other, second = await make_partner("Fundacja Most", "most@fundacja.example")
    mine, theirs = await actor_for(one, "partner_editor"), await actor_for(other, "partner_editor")
    given = await add_line(first, NewLine("offered", "szycie"), actor=mine)
    wanted = await add_line(second, NewLine("wanted", "szycie"), actor=theirs)
    off = await add_line(second, NewLine("wanted", "sport"), actor=theirs)
    with pytest.raises(Refused, match="lines_do_not_meet"):
        await propose(first, given, off, actor=mine)
    with pytest.raises(Refused, match="lines_do_not_meet"):
        await propose(first, wanted, given, actor=mine)
    with pytest.raises(NotFound):
        await propose(first, given, new_id(), actor=mine)
    with pytest.raises(NotFound):
        await add_line(second, NewLine("offered", "sport"), actor=mine)
    await end_line(second, wanted, actor=theirs)
    await end_line(second, wanted, actor=theirs)
    with pytest.raises(Refused, match="line_ended"):
        await propose(first, given, wanted, actor=mine)
    with clock.at(clock.now() + timedelta(days=2)):
        old = await add_line(second, NewLine("wanted", "szycie", until=clock.today()), actor=theirs)
    with clock.at(clock.now() + timedelta(days=9)), pytest.raises(Refused, match="line_ended"):
        await propose(first, given, old, actor=mine)
    third, other_offer = await make_partner("Obca", "obca@obca.example")
    await sign_in_as(web, third, "partner_editor")
    made = await propose(first, given, old, actor=mine)
    for path in (f"/my-offers/{first}/exchange", f"/my-offers/{new_id()}/exchange"):
        assert (await web.get(path)).status_code == 404
    assert (await web.post(f"/my-offers/{other_offer}/exchange/{made}", data={"act": "agree"})).status_code == 404
    assert (await web.post(f"/my-offers/{other_offer}/exchange/lines/{given}/end")).status_code == 404
    for leg in ("x", f"{first}:{given}:{old}", f"{other_offer}:{given}:{old}", ""):
        answer = await web.post(f"/my-offers/{other_offer}/exchange/proposals", data={"leg": leg})
        assert answer.status_code == 404, leg
    plain = await make_offer(third, "por_prawne")
    assert (await web.get(f"/my-offers/{plain}/exchange")).status_code == 404


async def test_two_sides_that_became_one_institution_can_let_go(database: asyncpg.Connection) -> None:
    one, first = await make_partner("Klub Razem", "razem@klub.example")
    other, second = await make_partner("Fundacja Most", "most@fundacja.example")
    mine = await actor_for(one, "partner_editor")
    given = await add_line(first, NewLine("offered", "szycie"), actor=mine)
    wanted = await add_line(second, NewLine("wanted", "szycie"), actor=await actor_for(other, "partner_editor"))
    made = await propose(first, given, wanted, actor=mine)
    await database.execute("update offer set institution = $2 where id = $1", second, one)
    assert await go_on(second, made, "let_go", actor=mine) == "let_go"
    assert len(await mails(database)) == 1


async def test_two_who_propose_the_same_at_once_propose_once(pool: None, worker_id: str) -> None:
    async with scratch(f"barter_{worker_id}"):
        one, first = await make_partner("Klub Razem", "razem@klub.example")
        other, second = await make_partner("Fundacja Most", "most@fundacja.example")
        mine, theirs = await actor_for(one, "partner_editor"), await actor_for(other, "partner_editor")
        given = await add_line(first, NewLine("offered", "szycie"), actor=mine)
        wanted = await add_line(second, NewLine("wanted", "szycie"), actor=theirs)
        sides = [(first, mine), (second, theirs)] * 6
        made = await asyncio.gather(*(propose(offer, given, wanted, actor=actor) for offer, actor in sides))
        assert len(set(made)) == 1
        ends = [(act, offer, actor) for act in ("let_go", "agree") for offer, actor in sides]

        async def attempt(act: str, offer: UUID, actor: object) -> str:
            try:
                return await go_on(offer, made[0], act, actor=actor)  # type: ignore[arg-type]
            except Refused as refusal:
                return refusal.code

        states = set(await asyncio.gather(*(attempt(*end) for end in ends)))
        assert states <= {"let_go", "agreed", "own_proposal", "exchange_moved_on"}
        assert "let_go" in states
