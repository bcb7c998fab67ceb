"""What the person says about the help, in three plain questions; and needs that nobody met."""

from uuid import UUID

import asyncpg

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, seal
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.database.writes import write_all
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused
from referral_hub.participants.free_text import holds_pesel
from referral_hub.participants.person import is_gmina
from referral_hub.referrals.case import in_each_role, load_case, standing
from referral_hub.referrals.closing import CALLS, TOLD_TO_SENDER
from referral_hub.referrals.differing import compare_words
from referral_hub.referrals.drafts import sending
from referral_hub.referrals.emails import letters_to_keeper
from referral_hub.referrals.states import Party, State
from referral_hub.vocabularies.book import is_known

GOT_HELP = ("yes", "partly", "no", "waiting", "did_not_go")
TREATED_WELL = ("yes", "partly", "no", "no_answer")
WORDS_LENGTH = 2000

_KEEP = """insert into participant_feedback
 (id, task, at, got_help, treated_well, words_sealed, share_with_sender, by_sender)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (task) do update set at = $3, got_help = $4, treated_well = $5, words_sealed = $6, share_with_sender = $7,
 by_sender = $8"""
_OWN_WORD = "select exists (select 1 from participant_feedback where task = $1 and not by_sender)"


@retrying
async def give_feedback(
    task: UUID,
    *,
    actor: Actor,
    got_help: str,
    treated_well: str,
    words: str = "",
    share_with_sender: bool = False,
) -> None:
    """Keep the person's answer; the last one counts. By the person's link, or written down by the sender.

    What the person said alone the sender never writes over, and reads only if the person agrees; „still waiting” and
    „I did not go” reach the sender as something to look after (`closing.py`), in this transaction.

    Raises NotFound, NotAllowed (receivers do not grade themselves), Refused("invalid"), `nothing_was_sent`,
    `person_has_answered`.
    """
    problems = _problems(got_help, treated_well, words)
    if problems:
        raise Refused("invalid", problems)
    visible = False
    for one in in_each_role(actor):
        async with transaction(one.scope, by_key=True) as sql:
            case = await load_case(sql, task, verb="feedback")
            if case is None:
                continue
            visible, party = True, standing(one, case)
            if party not in (Party.PAR, Party.SND):
                continue
            if case["state"] in (State.DRAFT, State.VOID):
                raise Refused("nothing_was_sent")
            if party is Party.SND and await _answered_alone(task):
                raise Refused("person_has_answered")
            sealed = seal(words.strip()) if words.strip() else None
            # What the sender writes down the sender knows.
            by_sender = party is Party.SND
            shared = share_with_sender or by_sender
            answer = (got_help, treated_well, sealed, shared, by_sender)
            await sql.execute(_KEEP, new_id(), task, clock.now(), *answer)
            await record(Event.FEEDBACK_GIVE, by=one.scope, subject=("referral", task))
            opened = await compare_words(task, by=one.scope, anew=got_help in CALLS)
            if opened and not by_sender and (shared or opened in TOLD_TO_SENDER):
                letters = await letters_to_keeper(sql, case, "referral_news")
                if letters:
                    await write_all(sql, letters)
            return
    raise NotAllowed if visible else NotFound


async def _answered_alone(task: UUID) -> bool:
    """Whether the person has answered on the own page: asked as the hub, since the sender may not know what."""
    async with transaction(SYSTEM) as sql:
        return bool(await sql.fetchval(_OWN_WORD, task))


def _problems(got_help: str, treated_well: str, words: str) -> list[Problem]:
    found = []
    if got_help not in GOT_HELP:
        found.append(Problem("got_help", "not_a_choice", {"choices": list(GOT_HELP)}))
    if treated_well not in TREATED_WELL:
        found.append(Problem("treated_well", "not_a_choice", {"choices": list(TREATED_WELL)}))
    if len(words) > WORDS_LENGTH:
        found.append(Problem("words", "too_long", {"most": WORDS_LENGTH, "length": len(words)}))
    elif holds_pesel(words):
        found.append(Problem("words", "text_holds_pesel"))
    return found


@retrying
async def note_unmet_need(*, actor: Actor, need: str, gmina: str = "", why: str = "no_offer") -> None:
    """Note that nobody gave what is needed; no person stands behind the line. Raises NotAllowed, Refused.

    `why`: no_offer, no_places, expired or declined.
    """
    actor = sending(actor)
    problems = [] if is_known("need", need) else [Problem("need", "not_a_choice")]
    if gmina and not is_gmina(gmina):
        problems.append(Problem("gmina", "gmina_unknown"))
    if problems:
        raise Refused("invalid", problems)
    async with transaction(actor.scope) as sql:
        await add_unmet_need(sql, institution=actor.institution, need=need, gmina=gmina, why=why)
        await record(Event.UNMET_NEED, by=actor.scope, facts={"need": need, "why": why})


async def add_unmet_need(
    sql: asyncpg.Connection, *, institution: UUID | None, need: str, gmina: str, why: str, task: UUID | None = None
) -> None:
    """One line inside the caller's transaction; `why`: no_offer, no_places, expired or declined."""
    await sql.execute(
        "insert into unmet_need (id, at, institution, need, gmina, why, task) values ($1, $2, $3, $4, $5, $6, $7)",
        new_id(),
        clock.now(),
        institution,
        need,
        gmina,
        why,
        task,
    )
