"""Change who applies, gives an opinion and issues: with history for every task of the request, and audited."""

from uuid import UUID

import asyncpg
import msgspec

from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.database.transaction import retrying, transaction
from referral_hub.database.writes import Write, write_all
from referral_hub.errors import NotFound, Stale
from referral_hub.referrals.case import Case, load_case
from referral_hub.referrals.drafts import sending
from referral_hub.referrals.history import history_line
from referral_hub.referrals.papers import Papers, changed
from referral_hub.referrals.papers_kept import PAPERS, check_papers, papers_write, read_papers
from referral_hub.referrals.states import Channel, Party


@retrying
async def set_papers(task: UUID, papers: Papers, *, actor: Actor, version: int) -> bool:
    """Write down who applied, gave an opinion or issued; what stood there before stays in the history.

    True when something changed. Raises NotAllowed, NotFound, Stale, Refused("invalid").
    """
    actor = sending(actor)
    async with transaction(actor.scope, by_key=True) as sql:
        case = await load_case(sql, task, verb=PAPERS)
        if case is None or case["sender"] != actor.institution:
            raise NotFound
        if case["version"] != version:
            raise Stale
        await check_papers(sql, papers)
        before = (await read_papers(sql, case["request"])).papers
        fields = changed(before, papers)
        if not fields:
            return False
        await write_all(sql, [papers_write(case["request"], papers), *await _lines(sql, actor, case, before, papers)])
    return True


async def _lines(sql: asyncpg.Connection, actor: Actor, case: Case, before: Papers, after: Papers) -> list[Write]:
    """The same line in the history of every task of the request, one in the trail; the open page grows stale."""
    fields = changed(before, after)
    words = {"before": _text(before), "after": _text(after)}
    raised = Write("update referral_task set version = version + 1 where id = $1", (case["id"],))
    tasks = await sql.fetch("select id, state, version from referral_task where request = $1", case["request"])
    lines = [
        history_line(
            task=row["id"],
            verb=PAPERS,
            before=row["state"],
            after=row["state"],
            party=Party.SND,
            channel=Channel.SELF,
            by=actor.scope,
            version=row["version"] + (row["id"] == case["id"]),
            facts={"fields": fields},
            words=words,
        )
        for row in tasks
    ]
    facts = {"number": case["number"], "fields": fields}
    return [
        raised,
        *lines,
        audit_line(Event.REFERRAL_PAPERS, by=actor.scope, subject=("referral", case["id"]), facts=facts),
    ]


def _text(papers: Papers) -> str:
    return msgspec.json.encode(papers).decode()
