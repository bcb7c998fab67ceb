"""Who applies, gives an opinion and issues: „skierowanie” only where it was issued by somebody who may."""

from datetime import date, timedelta
from uuid import UUID

import httpx
import msgspec
import pytest

from referral_hub import clock
from referral_hub.composing.papers_actions import set_papers
from referral_hub.errors import NotFound, Refused, Stale
from referral_hub.mail.actions import facts_of
from referral_hub.referrals.papers import NO_PAPERS, Papers, is_issued, problems_of
from tests.build import make_institution, sign_in_as
from tests.referrals.scene import Scene, make_scene, row_of, rows, value, version_of

pytestmark = pytest.mark.anyio
OPS, KIS = UUID(int=1), UUID(int=2)
KINDS = {OPS: "ops", KIS: "kis"}
TODAY = date(2026, 11, 23)
WHOLE = Papers(
    applicant=KIS,
    applied_on=date(2026, 11, 2),
    applicant_document="KIS/12",
    opinion_giver=OPS,
    opinion="positive",
    opinion_on=date(2026, 11, 9),
    issuer=OPS,
    issued_on=date(2026, 11, 12),
    issue_document="OPS.4.2026",
)


def wrong(**changes: object) -> list[tuple[str, str]]:
    papers = Papers(**{**{name: getattr(WHOLE, name) for name in Papers.__struct_fields__}, **changes})
    return [(one.field, one.code) for one in problems_of(papers, KINDS, TODAY)]


@pytest.fixture
async def scene(database: None) -> Scene:
    return await make_scene()


def test_the_usual_way_has_nothing_wrong() -> None:
    assert wrong() == []
    assert problems_of(NO_PAPERS, KINDS, TODAY) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"opinion_on": date(2026, 11, 1)}, ("opinion_on", "papers_out_of_order")),
        ({"issued_on": date(2026, 11, 5)}, ("issued_on", "papers_out_of_order")),
        ({"issued_on": date(2026, 11, 24)}, ("issued_on", "date_is_ahead")),
        ({"applied_on": date(1926, 11, 2)}, ("applied_on", "date_too_early")),
        ({"applied_on": date(1, 1, 1)}, ("applied_on", "date_too_early")),
        ({"issuer": KIS}, ("issuer", "kind_issues_nothing")),
        ({"issuer": UUID(int=9)}, ("issuer", "institution_not_known")),
        ({"issuer": None}, ("issuer", "paper_names_nobody")),
        ({"opinion": ""}, ("opinion", "opinion_missing")),
        ({"opinion": "mixed"}, ("opinion", "not_a_choice")),
        ({"opinion_giver": None}, ("opinion_giver", "paper_names_nobody")),
        ({"issued_on": None}, ("issued_on", "required")),
        ({"issue_document": "x" * 61}, ("issue_document", "too_long")),
        ({"issue_document": "44051401359"}, ("issue_document", "text_holds_pesel")),
    ],
)
def test_each_thing_wrong_stands_beside_its_field(changes: dict[str, object], problem: tuple[str, str]) -> None:
    assert wrong(**changes) == [problem]


def test_only_what_was_issued_by_a_kind_that_issues_is_called_so() -> None:
    assert [kind for kind in ("ops", "pup", "kis", "ngo", "parafia", "poradnia_zdrowie") if is_issued(kind, TODAY)] == [
        "ops",
        "pup",
        "poradnia_zdrowie",
    ]
    assert not is_issued("ops", None)
    assert not is_issued(None, TODAY)


async def an_issue(days: int = 3) -> Papers:
    ops = await make_institution("OPS Próbny", kind="ops")
    return Papers(issuer=ops, issued_on=clock.today() - timedelta(days=days), issue_document="OPS.7")


async def test_what_stood_there_before_stays_in_the_history_and_the_trail_holds_no_number(scene: Scene) -> None:
    task, papers = await scene.sent(), await an_issue()
    assert await set_papers(task, papers, actor=scene.caseworker, version=2)
    assert not await set_papers(task, papers, actor=scene.caseworker, version=3)
    with pytest.raises(Stale):
        await set_papers(task, NO_PAPERS, actor=scene.caseworker, version=2)
    assert (await scene.seen(task)).issued
    await set_papers(task, NO_PAPERS, actor=scene.caseworker, version=3)
    assert not (await scene.seen(task)).issued
    changes = [line for line in (await scene.seen(task)).timeline if line.verb == "papers"]
    assert len(changes) == 2
    assert "OPS.7" in changes[1].words["before"]
    assert await value("select count(*) from audit_event where event = 'referral:papers'") == 2
    assert await value("select count(*) from audit_event where facts::text like '%OPS.7%'") == 0
    assert await value("select count(*) from task_event where facts::text like '%OPS.7%'") == 0


async def test_the_receiver_learns_who_issued_while_it_sees_something(scene: Scene) -> None:
    task = await scene.sent()
    papers = await an_issue()
    asked = Papers(issuer=papers.issuer, issued_on=papers.issued_on, opinion_giver=papers.issuer, opinion="negative")
    await set_papers(task, asked, actor=scene.caseworker, version=2)
    seen = await scene.seen(task, scene.intake)
    assert seen.papers is not None
    assert (seen.papers.papers.issuer, seen.papers.papers.opinion) == (papers.issuer, "")
    assert not any(line.words for line in seen.timeline if line.verb == "papers")
    await scene.move(task, "withdraw", {"reason": "no_longer_possible"})
    assert (await scene.seen(task, scene.intake)).papers is None


async def test_others_change_no_papers(scene: Scene) -> None:
    task, elsewhere = await scene.sent(), await make_scene()
    with pytest.raises(NotFound):
        await set_papers(task, await an_issue(), actor=elsewhere.caseworker, version=2)


async def test_a_bad_paper_leaves_the_draft_unmade(scene: Scene) -> None:
    with pytest.raises(Refused, match="invalid"):
        await scene.draft(papers=Papers(issuer=scene.club, issued_on=clock.today()))
    assert await value("select count(*) from referral_request") == 0


async def test_every_page_and_mail_says_the_right_word(scene: Scene, web: httpx.AsyncClient) -> None:
    await sign_in_as(web, scene.club, "caseworker")
    task = await scene.sent()
    await make_institution("OPS Wyjątkowy", kind="ops", terc="126301")
    assert "Zgłoszenie 2026/" in (await web.get(f"/referrals/{task}")).text
    form = (await web.get(f"/referrals/{task}/papers")).text
    assert "OPS Wyjątkowy – Tarnów" in form
    typed = {
        "version": "2",
        "key": "k",
        "issuer": "OPS Wyjątkowy – Tarnów",
        "issue_document": "OPS.9",
        "opinion": "positive",
    }
    answer = await web.post(f"/referrals/{task}/papers", data=typed)
    assert answer.status_code == 422
    assert answer.text.count('class="problem"') == 2
    assert 'value="OPS.9"' in answer.text
    day = (clock.today() - timedelta(days=1)).strftime("%d.%m.%Y")
    answer = await web.post(f"/referrals/{task}/papers", data={**typed, "opinion": "", "issued_on": day})
    assert answer.headers["location"].endswith("?done=papers")
    page = (await web.get(f"/referrals/{task}")).text
    assert f"<h1>Skierowanie {(await row_of(task))['number']}</h1>" in page
    assert "OPS.9" in page
    await scene.move(task, "accept", by=scene.intake)
    mails = await rows("select payload from job where name = 'send_mail' and payload->>'template' = 'referral_news'")
    assert [facts_of(msgspec.json.decode(mail["payload"]))["issued"] for mail in mails] == [True]
    assert "OPS.9" in (await web.get(f"/referrals/{task}/papers")).text


async def test_a_program_keeps_papers_too(scene: Scene, web: httpx.AsyncClient) -> None:
    await sign_in_as(web, scene.club, "caseworker")
    task, papers = await scene.draft(), await an_issue()
    body = {"version": 1, "issuer": str(papers.issuer), "issued_on": str(papers.issued_on), "applied_on": "2999-01-01"}
    refused = await web.put(f"/api/v1/referrals/{task}/papers", json=body)
    assert [one["field"] for one in refused.json()["problems"]] == ["applicant", "applied_on"]
    told = (await web.put(f"/api/v1/referrals/{task}/papers", json={**body, "applied_on": None})).json()
    assert (told["issued"], told["called"], told["papers"]["issuer_name"]) == (True, "skierowanie", "OPS Próbny")
    assert (await web.put(f"/api/v1/referrals/{task}/papers", json=body)).status_code == 409
    assert await version_of(task) == 2
