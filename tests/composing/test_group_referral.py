"""Several people at once: each with a task, a basis and a place of their own, and nobody forgotten in silence."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from referral_hub.composing.group_referral import Batch, Member, batch_seen_by, refer_group, send_rest
from referral_hub.errors import NotAllowed, NotFound, Refused
from referral_hub.participants.actions import register
from tests.build import actor_for, make_offer, sign_in_as
from tests.referrals.scene import CONSENT, Scene, make_scene, places_of, rows, value

pytestmark = pytest.mark.anyio


@pytest.fixture
async def scene(database: None) -> Scene:
    return await make_scene()


async def some_people(scene: Scene, number: int) -> list[UUID]:
    """The scene's person and others."""
    more = [
        (await register(actor=scene.caseworker, label=f"Osoba {one}", sex="not_stated")).id for one in range(number - 1)
    ]
    return [scene.person, *more]


async def referred(scene: Scene, members: list[Member], **changes: Any) -> Batch:
    batch = await refer_group(actor=scene.caseworker, need="prawo", people=members, **{"offer": scene.offer, **changes})
    return await batch_seen_by(scene.caseworker, batch)


def reasons(batch: Batch) -> list[str]:
    return sorted(one.why_not for one in batch.people)


async def test_each_is_told_what_happened(scene: Scene) -> None:
    people = await some_people(scene, 4)
    batch = await referred(
        scene, [*(Member(person=one, basis=CONSENT) for one in people[:3]), Member(person=people[3])]
    )
    assert reasons(batch) == ["", "", "basis_missing", "no_place"]
    assert [one.state for one in batch.people].count("sent") == 2
    assert await places_of(scene.offer) == (2, 2, 0)
    assert await value("select count(distinct basis) from referral_task where basis is not null") == 3
    assert await value("select count(distinct request) from referral_task") == 4
    (line,) = await rows("select facts from audit_event where event = 'referral:batch'")
    assert "Osoba" not in str(line["facts"])


async def test_those_left_are_sent_once_they_can_be(scene: Scene) -> None:
    people = await some_people(scene, 3)
    batch = await referred(scene, [Member(person=one, basis=CONSENT) for one in people])
    assert await send_rest(batch.id, actor=scene.caseworker) == 0
    sent = next(one for one in batch.people if one.state == "sent")
    await scene.move(sent.task, "withdraw", {"reason": "no_longer_possible"})
    assert await send_rest(batch.id, actor=scene.caseworker) == 1
    assert reasons(await batch_seen_by(scene.caseworker, batch.id)) == ["", "", ""]


async def test_words_send_all_although_there_are_no_places(scene: Scene) -> None:
    people = await some_people(scene, 3)
    batch = await referred(scene, [Member(person=one, basis=CONSENT) for one in people], why="Dzwoniłam, wezmą.")
    assert batch.unsent == []


async def test_nobody_is_referred_where_the_whole_is_wrong(scene: Scene) -> None:
    stranger = (await make_scene()).person
    intake = await actor_for(scene.club, "partner_editor")
    both = [Member(person=scene.person, basis=CONSENT)]
    for people, changes, error in (
        ([], {}, Refused),
        (both * 2, {}, Refused),
        ([*both, Member(person=stranger, basis=CONSENT)], {}, NotFound),
        (both, {"offer": uuid4()}, NotFound),
        (both, {"need": "x"}, Refused),
        (both, {"note": "44051401359"}, Refused),
        ([*both, Member(person=(await some_people(scene, 2))[1], basis={"kind": "internal"})], {}, Refused),
        (both, {"actor": intake}, NotAllowed),
    ):
        facts: dict[str, Any] = {
            "actor": scene.caseworker,
            "offer": scene.offer,
            "need": "prawo",
            "people": people,
            **changes,
        }
        with pytest.raises(error):
            await refer_group(**facts)
    assert await value("select count(*) from referral_request") == 0


async def test_others_find_no_batch(scene: Scene) -> None:
    batch = await referred(scene, [Member(person=scene.person, basis=CONSENT)])
    for stranger in ((await make_scene()).caseworker, scene.intake):
        with pytest.raises((NotFound, NotAllowed)):
            await batch_seen_by(stranger, batch.id)


async def test_one_form_refers_them_and_repeating_it_changes_nothing(scene: Scene, web: httpx.AsyncClient) -> None:
    await sign_in_as(web, scene.club, "caseworker")
    people = [str(one) for one in await some_people(scene, 3)]
    form = (await web.get(f"/referrals/group?offer={scene.offer}")).text
    assert all(one in form for one in people)
    assert "Osoba 0" not in form
    sent = {"act": "send", "key": "g", "offer": str(scene.offer), "need": "prawo", "people": people[:2]}
    sent |= {f"basis-{people[0]}": "signed", f"basis-{people[1]}": "usual"}
    empty = await web.post("/referrals/group", data={**sent, "people": [], "need": ""})
    assert empty.status_code == 422
    assert empty.text.count('class="problem"') == 2
    done = await web.post("/referrals/group", data=sent)
    again = await web.post("/referrals/group", data=sent)
    assert done.headers["location"] == again.headers["location"]
    page = (await web.get(done.headers["location"])).text
    assert "Zgłoszono 1 osobę." in page
    assert "Brak podstawy" in page
    assert await value("select count(*) from referral_task") == 2
    assert (await web.get(f"/referrals/groups/{uuid4()}")).status_code == 404
    added = await web.post("/referrals/group", data={**sent, "act": "add", "who": "Osoba 1"})
    assert people[2] in added.text


async def test_a_program_refers_several(scene: Scene, web: httpx.AsyncClient) -> None:
    await sign_in_as(web, scene.club, "caseworker")
    people = [{"person": str(one), "basis": CONSENT} for one in await some_people(scene, 2)]
    body = {"offer": str(scene.offer), "need": "prawo", "people": [*people[:1], {"person": people[1]["person"]}]}
    made = await web.post("/api/v1/referrals/groups", json=body, headers={"Idempotency-Key": "g"})
    assert made.status_code == 201, made.text
    assert sorted(one["why_not"] for one in made.json()["people"]) == ["", "basis_missing"]
    again = await web.post("/api/v1/referrals/groups", json=body, headers={"Idempotency-Key": "g"})
    assert again.json() == made.json()
    assert (await web.get(f"/api/v1/referrals/groups/{made.json()['id']}")).json() == made.json()


async def test_a_group_of_the_own_house_is_taken_on_at_once_unless_somebody_there_answers(scene: Scene) -> None:
    people = await some_people(scene, 3)
    own = await make_offer(scene.club, "gr_wsparcia", "Własna grupa", free=1)
    inside = {"kind": "internal", "fields": ["label"]}
    both = [Member(person=one, basis=inside) for one in people[:2]]
    batch = await referred(scene, both, offer=own, hold_back=30)
    assert sorted((one.state, one.why_not) for one in batch.people) == [("accepted", ""), ("draft", "no_place")]
    assert await places_of(own) == (1, 0, 1)
    await actor_for(scene.club, "partner_intake")
    third = await referred(scene, [Member(person=people[2], basis=inside)], offer=own, why="Dzwoniłam.")
    assert [one.state for one in third.people] == ["sent"]
