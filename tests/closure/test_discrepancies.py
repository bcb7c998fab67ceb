"""What both ends tell differently: opened with the report or the opinion, settled by a person, rewritten by nobody."""

from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.closure.actions import settle
from referral_hub.closure.queries import how_many_to_settle, item_of, last_answers, to_settle
from referral_hub.errors import NotAllowed, NotFound, Refused, Stale
from referral_hub.referrals.actions import give_feedback
from referral_hub.referrals.closing import AGREED, DISCREPANCIES, KINDS, VERDICTS, differs, loop_closed
from referral_hub.referrals.feedback import GOT_HELP
from referral_hub.referrals.queries import referral
from referral_hub.referrals.states import FINAL, State
from tests.build import actor_for, sign_in_as
from tests.referrals.scene import Scene, fetch_as, in_days, make_scene, row_of, rows, value

pytestmark = pytest.mark.anyio
WORDS = "nikt do mnie nie zadzwonił"


async def ended(scene: Scene, verb: str = "deliver", day: int = 0) -> UUID:
    """A referral that the receiver has reported the end of."""
    task = await scene.accepted()
    fields = {"deliver": {"outcome": "dlugi", "date": in_days(day)}, "fail": {"reason": "could_not_contact"}}
    await scene.move(task, verb, fields[verb], by=scene.intake)
    return task


async def says(scene: Scene, task: UUID, got_help: str, *, by: Actor | None = None, share: bool = False) -> None:
    """The person answers on the own page, or `by` writes it down."""
    await give_feedback(
        task,
        actor=by or await scene.participant(),
        got_help=got_help,
        treated_well="no_answer",
        words=WORDS,
        share_with_sender=share,
    )


async def items() -> list[tuple[str, str]]:
    return [(row["kind"], row["verdict"]) for row in await rows("select kind, verdict from discrepancy")]


def test_one_rule_says_what_differs_and_names_only_known_kinds() -> None:
    found = {(state, word): differs(state, word) for state, word in product(State, ("", *GOT_HELP))}
    assert set(found.values()) == {"", *KINDS}
    assert not any(found[state, "partly"] for state in State), "a little help contradicts nobody"
    assert {state for state in State if found[state, "no"]} == {State.DELIVERED}
    assert {state for state in State if found[state, "yes"]} == {State.NOT_DELIVERED}
    assert all(found[state, "waiting"] for state in State if state not in FINAL and state is not State.DRAFT)
    assert not any(differs(State.DELIVERED, word, earlier=True) for word in GOT_HELP)


def test_the_loop_is_closed_by_one_rule() -> None:
    closed = {
        (state, began, seen)
        for state, began, seen in product(State, (False, True), (False, True))
        if loop_closed(state, began=began, seen=seen)
    }
    assert {state for state, _, _ in closed} == FINAL
    assert (State.DELIVERED, True, False) not in closed
    assert (State.DELIVERED, True, True) in closed
    assert (State.DECLINED, False, True) in closed
    assert (State.WITHDRAWN, True, True) not in closed, "help had begun, and nobody reported how it ended"


@pytest.mark.parametrize(
    ("verb", "word", "kind"),
    [
        ("deliver", "no", "delivered_no_help"),
        ("deliver", "waiting", "delivered_waiting"),
        ("deliver", "did_not_go", "delivered_did_not_go"),
        ("fail", "yes", "failed_got_help"),
    ],
)
async def test_an_item_opens_with_whichever_comes_second(
    database: asyncpg.Connection, verb: str, word: str, kind: str
) -> None:
    scene = await make_scene(free=None)
    await says(scene, await ended(scene, verb), word)
    other = await scene.accepted()
    await says(scene, other, word)
    fields: dict[str, Any] = {"outcome": "dlugi", "date": in_days(0)} if verb == "deliver" else {"reason": "no_show"}
    await scene.move(other, verb, fields, by=scene.intake)
    assert await items() == [(kind, ""), (kind, "")]
    assert await value(
        "select count(*) from audit_event where event = 'discrepancy:open' and facts->>'kind' = $1", kind
    )


async def test_who_said_no_before_the_help_came_contradicts_nobody(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=None)
    with clock.at(clock.now() - timedelta(days=3)):
        task = await scene.accepted()
        await says(scene, task, "waiting")
    assert await items() == [("waiting", "")]
    await scene.move(task, "deliver", {"outcome": "dlugi", "date": in_days(0)}, by=scene.intake)
    assert await items() == [("waiting", AGREED)]


async def test_nothing_is_opened_where_the_opinion_is_refused(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=None)
    task = await ended(scene)
    with pytest.raises(Refused):
        await give_feedback(task, actor=await scene.participant(), got_help="no", treated_well="perhaps")
    assert (await items(), await rows("select * from participant_feedback")) == ([], [])


async def test_settling_changes_neither_report_and_is_done_once(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=None)
    task = await ended(scene)
    await says(scene, task, "no")
    before = dict(await row_of(task)), [dict(row) for row in await rows("select * from participant_feedback")]
    coordinator = await actor_for(scene.club, "coordinator")
    with pytest.raises(Refused, match="invalid"):
        await settle(task, actor=coordinator, verdict="receiver_asked")
    with pytest.raises(Stale):
        await settle(task, actor=coordinator, verdict="both_hold", kind="waiting")
    await settle(task, actor=coordinator, verdict="both_hold", words="Chodziło o drugą wizytę.")
    assert (dict(await row_of(task)), [dict(row) for row in await rows("select * from participant_feedback")]) == before
    with pytest.raises(Refused, match="already_settled"):
        await settle(task, actor=coordinator, verdict="person_holds")
    assert await items() == [("delivered_no_help", "both_hold")]
    # The same said once more stays settled; a changed word opens the item anew, an agreeing one closes it.
    await says(scene, task, "no")
    assert await items() == [("delivered_no_help", "both_hold")]
    await says(scene, task, "waiting")
    assert await items() == [("delivered_waiting", "")]
    await says(scene, task, "yes")
    assert await items() == [("delivered_waiting", AGREED)]


async def test_the_coordinator_sees_a_code_and_the_words_only_if_shared(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=None)
    task = await ended(scene)
    await says(scene, task, "no")
    coordinator = await actor_for(scene.club, "coordinator")
    (item,) = await to_settle(coordinator)
    assert (item.case_code, item.said, item.got_help, item.source) == (scene.case_code, "", "no", "receiver")
    assert [answer.words for answer in await last_answers(coordinator)] == [""]
    assert await referral(coordinator, task)
    assert (await referral(coordinator, task)).opinion.words == ""  # type: ignore[union-attr]
    await says(scene, task, "no", share=True)
    assert (await to_settle(coordinator))[0].said == WORDS


async def test_the_sender_learns_what_the_person_shares_and_who_still_waits(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=None)
    task = await ended(scene)
    mails = "select count(*) from job where name = 'send_mail'"
    await says(scene, task, "no")
    told = await value(mails)
    assert await how_many_to_settle(scene.caseworker) == 0
    assert (await scene.seen(task)).opinion is None
    await says(scene, task, "waiting")
    assert await value(mails) == told + 1
    (item,) = await to_settle(scene.caseworker)
    assert (item.kind, item.got_help, item.said) == ("delivered_waiting", "", "")
    await says(scene, task, "no", share=True)
    assert (await scene.seen(task)).opinion.words == WORDS  # type: ignore[union-attr]
    assert [one.kind for one in await to_settle(scene.caseworker)] == ["delivered_no_help"]


async def test_who_is_caseworker_and_coordinator_reads_both_lists_as_one(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=None)
    task = await ended(scene)
    await says(scene, task, "no", share=True)
    other = await make_scene(free=None)
    solo = await actor_for(other.club, "caseworker", "coordinator")
    assert [item.task for item in await to_settle(solo)] == [task], "another sender's, seen as coordinator"
    assert await how_many_to_settle(solo) == len(await last_answers(solo)) == 1
    own = await actor_for(scene.club, "caseworker", "coordinator")
    openings = "select count(*) from disclosure where kind = 'opened'"
    before = await value(openings)
    assert len(await to_settle(own)) == await how_many_to_settle(own) == 1
    assert await value(openings) == before + 1, "opened once, noted once"


async def test_nobody_else_sees_or_settles_an_item(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=None)
    task = await ended(scene)
    await says(scene, task, "waiting", share=True)
    other = await make_scene(free=None)
    for stranger in (scene.intake, await scene.guest(task), other.caseworker, await scene.participant()):
        assert await fetch_as(stranger, "select 1 from discrepancy") == []
        with pytest.raises(NotFound):
            await settle(task, actor=stranger, verdict="goes_on")
    with pytest.raises(NotAllowed):
        await settle(task, actor=await actor_for(scene.club, "dpo"), verdict="goes_on")
    assert await item_of(task, scene.intake) is None


async def test_what_the_person_said_alone_is_never_written_over(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=None)
    task = await ended(scene)
    await says(scene, task, "partly", by=scene.caseworker)
    assert await value("select by_sender from participant_feedback where got_help = 'partly'")
    await says(scene, task, "yes")
    with pytest.raises(Refused, match="person_has_answered"):
        await says(scene, task, "no", by=scene.caseworker)
    assert await value("select by_sender from participant_feedback where got_help = 'yes'") is False


async def test_an_answer_by_phone_names_its_source(database: asyncpg.Connection) -> None:
    scene = await make_scene(free=None)
    task = await scene.accepted()
    await scene.move(task, "deliver", {"outcome": "dlugi", "date": in_days(0)}, channel="phone")
    assert (await scene.seen(task)).ending.source == "sender"  # type: ignore[union-attr]


async def test_the_list_and_the_form_settle_over_http(database: asyncpg.Connection, web: httpx.AsyncClient) -> None:
    scene = await make_scene(free=None)
    task = await ended(scene)
    await says(scene, task, "no")
    await sign_in_as(web, scene.club, "coordinator")
    assert "Co osoby mówią inaczej" in (await web.get("/care")).text
    listed = (await web.get("/discrepancies")).text
    assert scene.case_code in listed
    assert WORDS not in listed
    assert "Pomocy nie było" not in listed
    address = f"/referrals/{task}/discrepancy"
    assert f'href="{address}"' in (await web.get(f"/referrals/{task}")).text
    form = {"kind": "delivered_no_help", "words": "zostaje"}
    empty = await web.post(address, data=form)
    assert (empty.status_code, 'id="verdict-problem"' in empty.text, "zostaje" in empty.text) == (422, True, True)
    stale = await web.post(address, data={**form, "kind": "failed_got_help", "verdict": "both_hold"})
    assert stale.status_code == 409
    assert (await web.post(address, data={**form, "verdict": "both_hold"})).headers["location"].startswith("/discrep")
    assert "zostaje" in (await web.get(f"/referrals/{task}")).text
    assert scene.case_code not in (await web.get("/discrepancies")).text.split("Co osoby powiedziały ostatnio")[0]
    await sign_in_as(web, scene.partner, "partner_intake")
    assert (await web.get("/discrepancies")).status_code == 403
    assert (await web.get(address)).status_code == 403


def test_each_kind_of_item_has_ways_to_be_settled() -> None:
    assert all(len(codes) >= 4 for codes in VERDICTS.values())
    assert set(DISCREPANCIES) < set(KINDS)
