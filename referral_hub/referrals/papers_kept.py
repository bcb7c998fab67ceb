"""The papers of a request in the database: read with names, checked, written; and what stood there before."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from referral_hub import clock
from referral_hub.database.writes import Write
from referral_hub.errors import NotFound, Refused
from referral_hub.referrals.history import words_of
from referral_hub.referrals.papers import NAMES, WHO, Papers, is_issued, problems_of
from referral_hub.referrals.states import Party

PAPERS: Final = "papers"
"""The word under which the history keeps a change of papers; no move of the lifecycle."""

_COLUMNS = ", ".join(f"q.{name}" for name in NAMES)
_READ = f"""select {_COLUMNS}, a.name as applicant_name, g.name as opinion_giver_name, i.name as issuer_name,
 i.kind as issuer_kind from referral_request q left join institution a on a.id = q.applicant
left join institution g on g.id = q.opinion_giver left join institution i on i.id = q.issuer where q.id = $1"""  # noqa: S608 -- names of our own, values are parameters
_SETS = ", ".join(f"{name} = ${place}" for place, name in enumerate(NAMES, 2))


class PapersSeen(Struct, frozen=True, kw_only=True):
    """The papers with the names of who wrote them; `issued`: it is a „skierowanie”."""

    papers: Papers
    names: dict[str, str]
    issued: bool


class PapersChange(Struct, frozen=True, kw_only=True):
    """One change: when, and the papers as they were before and after it."""

    at: Any
    before: Papers
    after: Papers


async def read_papers(sql: asyncpg.Connection, request: UUID) -> PapersSeen:
    """The papers of a request that this scope sees. Raises NotFound."""
    row = await sql.fetchrow(_READ, request)
    if row is None:
        raise NotFound
    papers = Papers(**{name: row[name] for name in NAMES})
    names = {who: row[f"{who}_name"] for who in WHO if row[f"{who}_name"]}
    return PapersSeen(papers=papers, names=names, issued=is_issued(row["issuer_kind"], row["issued_on"]))


def shown_to(seen: PapersSeen, side: Party | None, access: str) -> PapersSeen | None:
    """The sender and the person see all; the receiver, while it sees something, who applied and who issued."""
    if side in (Party.SND, Party.PAR):
        return seen
    if side is not Party.RCV or access not in ("summary", "disclosed"):
        return None
    papers = msgspec.structs.replace(
        seen.papers, opinion_giver=None, opinion="", opinion_on=None, opinion_document="", applicant_document=""
    )
    names = {who: name for who, name in seen.names.items() if who != "opinion_giver"}
    return PapersSeen(papers=papers, names=names, issued=seen.issued)


async def check_papers(sql: asyncpg.Connection, papers: Papers) -> None:
    """Raises Refused("invalid") with everything wrong."""
    named = [getattr(papers, who) for who in WHO if getattr(papers, who) is not None]
    found = await sql.fetch("select id, kind from institution where id = any($1) and status = 'published'", named)
    problems = problems_of(papers, {row["id"]: row["kind"] for row in found}, clock.today())
    if problems:
        raise Refused("invalid", problems)


def papers_of(given: Struct) -> Papers:
    """Papers from what a program gave, its texts trimmed."""
    values: dict[str, Any] = {name: getattr(given, name) for name in NAMES}
    trimmed: dict[str, Any] = {
        name: value.strip() if isinstance(value, str) else value for name, value in values.items()
    }
    return Papers(**trimmed)


def papers_write(request: UUID, papers: Papers) -> Write:
    """The columns of a request, as a write."""
    text = f"update referral_request set {_SETS} where id = $1"  # noqa: S608 -- names of our own, values are parameters
    return Write(text, (request, *(getattr(papers, name) for name in NAMES)))


async def papers_history(sql: asyncpg.Connection, task: UUID) -> list[PapersChange]:
    """Every change of the papers, newest first."""
    rows = await sql.fetch(
        "select at, words_sealed from task_event where task = $1 and verb = $2 order by at desc, id desc", task, PAPERS
    )
    changes = []
    for row in rows:
        words: Mapping[str, str] = words_of(row["words_sealed"])
        before, after = (msgspec.json.decode(words[name], type=Papers) for name in ("before", "after"))
        changes.append(PapersChange(at=row["at"], before=before, after=after))
    return changes
