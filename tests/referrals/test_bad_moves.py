"""Whatever somebody sends at the wrong moment: a plain answer by name, and nothing is left behind."""

import asyncpg
import httpx
import pytest

from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.accounts.links import actor_of_link, make_link
from referral_hub.database.transaction import SYSTEM
from referral_hub.duplicates.actions import merge_institutions
from referral_hub.errors import NotAllowed, NotFound, Refused, Stale
from tests.build import make_institution, sign_in_as
from tests.referrals.scene import CONSENT, in_days, make_scene, places_of, row_of, rows, state_of, value, version_of

pytestmark = pytest.mark.anyio


async def everything_of(task: object) -> tuple[object, ...]:
    row = await row_of(task)  # type: ignore[arg-type]
    lines = await value("select count(*) from task_event where task = $1", task)
    return tuple(row.values()), lines, await value("select count(*) from audit_event")


async def test_accepting_after_withdrawal_is_told_as_stale_then_refused_then_nowhere(
    database: asyncpg.Connection,
) -> None:
    scene = await make_scene()
    task = await scene.sent()
    seen = await version_of(task)
    guest = await scene.guest(task)
    await scene.move(task, "withdraw_consent", by=await scene.participant())
    before = await everything_of(task)
    with pytest.raises((Stale, NotFound)):
        await scene.move(task, "accept", by=scene.intake, version=seen)
    with pytest.raises((Refused, NotFound)):
        await scene.move(task, "accept", by=scene.intake)
    with pytest.raises((Refused, Stale, NotFound)):
        await scene.move(task, "accept", by=guest)
    assert await everything_of(task) == before
    assert await places_of(scene.offer) == (2, 0, 0)


async def test_the_person_ends_the_sharing_also_from_a_page_that_is_out_of_date(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    seen, person = await version_of(task), await scene.participant()
    await scene.move(task, "accept", by=scene.intake)
    with pytest.raises((Stale, Refused)):
        await scene.move(task, "withdraw", by=person, version=seen)
    await scene.move(task, "withdraw_consent", by=person, version=seen)
    row = await row_of(task)
    assert (row["state"], row["sharing_ended"], row["access"]) == ("accepted", True, "none")


async def test_a_link_answers_once_and_not_for_another_referral(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=5)
    task, other = await scene.sent(), await scene.sent()
    guest = await scene.guest(task)
    with pytest.raises(NotFound):
        await scene.move(other, "accept", by=guest)
    await scene.move(task, "accept", {"date": in_days(2)}, by=guest)
    with pytest.raises(Refused, match="link_used"):
        await scene.move(task, "start", {"date": in_days(0)}, by=guest)
    _, link = await make_link("a", by=SYSTEM, institution=scene.partner, subject=other)
    await rows("update link set ends_at = now() - interval '1 day' where id = $1", link.id)
    with pytest.raises(Refused, match="link_used"):
        await scene.move(other, "accept", by=actor_of_link(link))
    assert await state_of(other) == "sent"


@pytest.mark.parametrize(
    ("made", "verb", "fields", "code"),
    [
        ("sent", "waitlist", {"position": 1, "review_on": in_days(0)}, "review_date_is_ahead"),
        ("sent", "waitlist", {"review_on": in_days(9)}, "queue_is_described"),
        ("accepted", "hold", {"reason": "no_longer_possible", "review_on": in_days(-9)}, "review_date_is_ahead"),
        ("sent", "waitlist", {"position": 1, "review_on": in_days(13_000)}, "review_date_is_near"),
        ("accepted", "hold", {"reason": "no_longer_possible", "review_on": in_days(13_000)}, "review_date_is_near"),
        ("sent", "accept", {"date": in_days(13_000)}, "appointment_is_near"),
        ("sent", "accept", {"date": "2001-01-01"}, "appointment_is_near"),
        ("accepted", "schedule", {"date": f"{in_days(13_000)}T10:30"}, "appointment_is_near"),
        ("accepted", "start", {"date": in_days(1)}, "result_is_not_ahead"),
        ("accepted", "deliver", {"outcome": "leczenie", "date": in_days(1)}, "result_is_not_ahead"),
        ("accepted", "schedule", {"date": "2026-02-30"}, "invalid"),
        ("accepted", "schedule", {"date": "99999-01-01"}, "invalid"),
        ("accepted", "deliver", {"outcome": "leczenie", "date": "0001-01-01"}, "invalid"),
        ("sent", "accept", {"date": "wczoraj"}, "invalid"),
        ("sent", "decline", {"reason": "expired_no_answer"}, "invalid"),
        ("sent", "decline", {"reason": "other"}, "other_reason_is_described"),
        ("sent", "ask", {"question": "a" * 5000}, "invalid"),
        ("sent", "ask", {"question": "a\x00b"}, "invalid"),
        ("sent", "ask", {"question": "PESEL 44051401359"}, "invalid"),
        ("sent", "waitlist", {"position": -1, "review_on": in_days(9)}, "invalid"),
    ],
)
async def test_a_wrong_field_is_refused_by_name_and_leaves_nothing(
    database: asyncpg.Connection, made: str, verb: str, fields: dict[str, object], code: str
) -> None:
    scene = await make_scene()
    task = await (scene.sent() if made == "sent" else scene.accepted())
    before = await everything_of(task)
    with pytest.raises(Refused) as refusal:
        await scene.move(task, verb, fields, by=scene.intake)
    assert refusal.value.code == code
    assert await everything_of(task) == before


async def test_the_same_key_repeats_and_another_body_under_it_is_refused(web: httpx.AsyncClient) -> None:
    scene = await make_scene()
    task = await scene.sent()
    await sign_in_as(web, scene.partner, "partner_intake")
    here, headers = f"/api/v1/referrals/{task}/moves", {"Idempotency-Key": "odpowiedź".encode().hex()}
    body = {"verb": "accept", "version": 2}
    first = await web.post(here, json=body, headers=headers)
    again = await web.post(here, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    other = await web.post(here, json={**body, "date": in_days(3)}, headers=headers)
    assert other.status_code == 422
    assert other.json()["code"] == "idempotency_key_reused"
    assert await places_of(scene.offer) == (2, 0, 1)


async def test_a_receiver_merged_into_another_answers_through_the_survivor(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.sent()
    survivor = await make_institution("Fundacja Próbna im. Nowej")
    await merge_institutions(survivor, scene.partner, actor=SYSTEM_ACTOR, why="jedna fundacja")
    row = await row_of(task)
    assert row["receiver"] == survivor
    await scene.move(task, "accept", channel="phone")
    assert await state_of(task) == "accepted"


async def test_nobody_is_sent_to_an_institution_that_was_put_away(database: asyncpg.Connection) -> None:
    scene = await make_scene()
    task = await scene.draft(basis=CONSENT)
    await rows("update institution set status = 'archived' where id = $1", scene.partner)
    with pytest.raises(Refused, match="offer_is_open"):
        await scene.move(task, "send")
    with pytest.raises(NotAllowed):
        await scene.move(task, "expire")
    assert await state_of(task) == "draft"
