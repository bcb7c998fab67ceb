"""A receiver is told in the way it prefers, hears again when something is due, and nothing personal leaves by mail."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from referral_hub import clock
from referral_hub.accounts.account_offers import decline_account, is_offered, offer_by_mail
from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.accounts.links import actor_of_link, link_of_secret, make_link
from referral_hub.answering.attending import mark_attendance
from referral_hub.answering.due_links import ask_guests, what_is_due
from referral_hub.answering.renewing import renew_answer_link
from referral_hub.clock import WARSAW
from referral_hub.database.transaction import SYSTEM
from referral_hub.duplicates.actions import merge_institutions
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.institutions.actions import NewContact, set_contacts
from referral_hub.mail import sms
from referral_hub.mail.actions import compose, facts_of
from referral_hub.mail.sms import compose_sms
from referral_hub.referrals.undelivered import follow_undelivered
from referral_hub.settings import settings
from tests.build import make_institution
from tests.referrals.scene import LABEL, Scene, in_days, make_scene, rows, state_of, value, version_of

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
MOBILE, MAILBOX = "601 123 456", "biuro@fundacja.example"


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Text messages have a way out."""
    monkeypatch.setenv("REFERRAL_HUB_SMS_URL", "https://sms.example/")
    monkeypatch.setenv("REFERRAL_HUB_PUBLIC_URL", "https://hub.example")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


async def scene_of(*, reached_by: str = "email", guest: bool = True, **more: Any) -> Scene:
    """A scene whose receiver has a mailbox and a mobile, and no account unless `guest` is False."""
    scene = await make_scene(**more)
    if guest:
        await rows("update account set active = false where institution = $1", scene.partner)
    contacts = [NewContact(kind="email", value=MAILBOX), NewContact(kind="mobile", value=MOBILE)]
    await set_contacts(scene.partner, contacts, by=SYSTEM, source="test")
    await rows("update field_source set at = at - interval '30 days'")
    await rows("update institution set reached_by = $2 where id = $1", scene.partner, reached_by)
    return scene


async def messages(task: UUID, job: str) -> list[dict[str, Any]]:
    """The messages about a task that wait, oldest first."""
    found = [
        msgspec.json.decode(row["payload"])
        for row in await rows("select payload from job where name = $1 order by id", job)
    ]
    return [one for one in found if one.get("subject_id") == str(task)]


@pytest.mark.parametrize("language", ["pl", "en", "uk"])
async def test_who_prefers_text_messages_gets_a_number_and_a_link(gateway: None, language: str) -> None:
    scene = await scene_of(reached_by="sms")
    await rows("update institution set language = $2 where id = $1", scene.partner, language)
    task = await scene.sent(note="Ma chorą matkę")
    (text,) = await messages(task, "send_sms")
    facts = facts_of(text)
    said = compose_sms(text["template"], text["language"], facts)
    number, case_code = await value("select number from referral_task"), scene.case_code
    assert text["to"] == MOBILE
    assert number in said
    assert facts["link"] in said
    assert not [one for one in (LABEL, case_code, "Fundacja Próbna", "matkę", "prawo") if one in said]
    assert await messages(task, "send_mail") == []
    assert await value("select address from link where subject = $1", task) == MOBILE
    found = await link_of_secret("a", str(facts["link"]).rsplit("/", 1)[1])
    assert found is not None
    with clock.at(clock.now() + timedelta(minutes=3)):
        await renew_answer_link(found)
    assert [one["to"] for one in await messages(task, "send_sms")] == [MOBILE, MOBILE]


async def test_without_a_gateway_and_for_all_others_it_is_mail_without_a_person() -> None:
    scene = await scene_of(reached_by="sms")
    task = await scene.sent(note="Ma chorą matkę")
    assert await messages(task, "send_sms") == []
    (mail,) = await messages(task, "send_mail")
    assert mail["to"] == MAILBOX
    for language in ("pl", "en", "uk"):
        for template in (
            "referral_new",
            "referral_reminder",
            "referral_news",
            "referral_link",
            "referral_over",
            "referral_attendance",
            "referral_outcome",
        ):
            words = compose(mail["to"], template, language, facts_of(mail)).as_string()
            assert not [one for one in (LABEL, scene.case_code, "matkę", "Oferta próbna") if one in words]


async def test_a_guest_reads_of_a_withdrawal_by_number_and_gets_no_link_to_it() -> None:
    scene = await scene_of()
    task = await scene.sent()
    await scene.move(task, "withdraw", {"reason": "need_met_elsewhere"})
    last = (await messages(task, "send_mail"))[-1]
    assert (last["to"], last["template"], facts_of(last)["link"]) == (MAILBOX, "referral_over", "")
    assert await value("select count(*) from link where subject = $1 and revoked_at is null", task) == 0


async def test_accounts_get_mail_and_the_mobile_a_text(gateway: None) -> None:
    scene = await scene_of(reached_by="sms", guest=False)
    task = await scene.sent()
    (text,), mails = await messages(task, "send_sms"), await messages(task, "send_mail")
    assert str(facts_of(text)["link"]).endswith(f"/referrals/{task}")
    assert len(mails) == 1
    assert await value("select count(*) from link where subject = $1", task) == 0


async def test_a_text_that_does_not_arrive_is_followed_by_mail_and_then_by_a_call(gateway: None) -> None:
    scene = await scene_of(reached_by="sms")
    task = await scene.sent()
    lost = {"channel": "sms", "address": MOBILE, "subject_id": str(task), "for_good": False}
    await follow_undelivered(lost)
    assert [(one["to"], one["template"]) for one in await messages(task, "send_mail")] == [(MAILBOX, "referral_new")]
    await follow_undelivered({**lost, "channel": "email", "address": MAILBOX, "for_good": True})
    keeper = await value("select email from account where id = $1", scene.caseworker.account)
    assert [(one["to"], one["template"]) for one in await messages(task, "send_mail")][1:] == [
        (keeper, "referral_undelivered")
    ]
    for harmless in (
        {**lost, "subject_id": None},
        {**lost, "subject_id": str(scene.offer)},
        {**lost, "address": keeper},
    ):
        await follow_undelivered(harmless)
    await scene.move(task, "withdraw", {"reason": "need_met_elsewhere"})
    before = len(await messages(task, "send_mail"))
    await follow_undelivered(lost)
    assert len(await messages(task, "send_mail")) == before
    assert sms.masked(MOBILE) == "…456"


async def test_a_guest_is_asked_after_the_day_once_and_a_month_on_for_the_outcome() -> None:
    scene = await scene_of()
    start = datetime(2026, 3, 2, 10, tzinfo=WARSAW)
    with clock.at(start):
        task = await scene.sent()
        await scene.move(task, "accept", {"date": "2026-03-06"}, by=await scene.guest(task))
        assert await ask_guests() == 0
    asked = []
    for days in range(1, 42):
        with clock.at(start + timedelta(days=days)):
            if await ask_guests():
                asked.append(clock.today().isoformat())
            assert await ask_guests() == 0
    assert asked == ["2026-03-09", "2026-04-09"], "the Monday after a Friday; thirty days on, past a change of hours"
    assert [one["template"] for one in await messages(task, "send_mail") if one["to"] == MAILBOX][-2:] == [
        "referral_attendance",
        "referral_outcome",
    ]
    with clock.at(start + timedelta(days=45, hours=12)):
        assert await ask_guests() == 0, "not at night"
    moment = datetime(2026, 3, 9, 9, tzinfo=WARSAW)
    assert what_is_due("2026-03-06", start, start + timedelta(days=4, hours=3), moment) == ""


async def test_a_guest_marks_attendance_with_the_used_link_and_again_but_nothing_else() -> None:
    scene = await scene_of()
    task = await scene.sent()
    guest = await scene.guest(task)
    await scene.move(task, "accept", {"date": in_days(0)}, by=guest)
    await mark_attendance(task, "absent", actor=guest, version=await version_of(task))
    assert await state_of(task) == "scheduled"
    with pytest.raises(Stale):
        await mark_attendance(task, "came", actor=guest, version=await version_of(task) - 1)
    await mark_attendance(task, "came", actor=guest, version=await version_of(task))
    with pytest.raises(Refused, match="link_used"):
        await scene.move(task, "start", {"date": in_days(0)}, by=guest)
    assert [row["verb"] for row in await rows("select verb from task_event where task = $1 order by version", task)][
        -4:
    ] == [
        "accept",
        "schedule",
        "attend",
        "attend",
    ]
    stranger = await scene.guest(await scene.sent(need="prawo"))
    with pytest.raises(NotFound):
        await mark_attendance(task, "absent", actor=stranger, version=await version_of(task))


async def test_two_answers_as_a_guest_offer_an_account_once_and_never_after_no() -> None:
    scene = await scene_of(free=4)
    for times in (1, 2, 3):
        task = await scene.sent(need="prawo")
        await scene.move(task, "decline", {"reason": "out_of_area"}, by=await scene.guest(task))
        await offer_by_mail(scene.partner, MAILBOX)
        assert await is_offered(scene.partner) is (times > 1)
    offers = "select count(*) from job where name = 'send_mail' and payload->>'template' = 'account_offer'"
    assert await value(offers) == 1
    await decline_account(scene.partner, actor=await scene.guest(task))
    assert not await is_offered(scene.partner)
    assert not await is_offered(await make_institution("Bez odpowiedzi"))
    await rows("delete from account_offer")
    await rows("update account set active = true where institution = $1", scene.partner)
    assert not await is_offered(scene.partner), "who has an account is not offered one"


async def test_a_merged_receivers_link_goes_on_for_the_survivor() -> None:
    scene = await scene_of()
    task = await scene.sent()
    secret, _ = await make_link("a", by=SYSTEM, institution=scene.partner, subject=task, address=MAILBOX)
    survivor = await make_institution("Fundacja Próbna i Spółka")
    await merge_institutions(survivor, scene.partner, actor=SYSTEM_ACTOR, why="To jedna fundacja")
    link = await link_of_secret("a", secret)
    assert link is not None
    assert link.institution == survivor
    await scene.move(task, "accept", {"date": in_days(1)}, by=actor_of_link(link))
    assert await state_of(task) == "accepted"
