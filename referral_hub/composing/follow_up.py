"""„Czy nadal korzystasz?”: once nothing is shared any more only the person can say, and the sender writes it down."""

from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import audit_line
from referral_hub.audit.events import Event
from referral_hub.database.transaction import retrying, transaction
from referral_hub.database.writes import write_all
from referral_hub.errors import HubError, NotAllowed, NotFound, Refused, Stale
from referral_hub.referrals.case import in_each_role, load_case, standing
from referral_hub.referrals.clocks import asked_again
from referral_hub.referrals.history import history_line
from referral_hub.referrals.outcomes import clock_columns
from referral_hub.referrals.states import UNDER_WAY, Channel, Party, State

STILL_USES = "follow_up"


@retrying
async def still_uses(task: UUID, *, actor: Actor, version: int) -> None:
    """The person says that the help goes on: the referral stays as it is, and the sender is reminded to ask again.

    Raises NotFound, NotAllowed for anyone but the sender, Stale, Refused `follow_up_is_not_open` while data are shared.
    """
    refusal: HubError = NotFound()
    for one in in_each_role(actor):
        async with transaction(one.scope, by_key=True) as sql:
            case = await load_case(sql, task)
            if case is None:
                continue
            if standing(one, case) is not Party.SND:
                refusal = NotAllowed()
                continue
            if case["version"] != version:
                raise Stale
            if not case["sharing_ended"] or State(case["state"]) not in UNDER_WAY:
                raise Refused("follow_up_is_not_open")
            running = clock_columns(asked_again(clock.today()))
            sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(running, 3))
            changed = await sql.fetchval(
                f"""update referral_task set version = version + 1, {sets}
                where id = $1 and version = $2 returning version""",  # noqa: S608 -- names of our own, values are parameters
                *(task, version, *running.values()),
            )
            if changed is None:
                raise Stale
            line = history_line(
                task=task,
                verb=STILL_USES,
                before=case["state"],
                after=case["state"],
                party=Party.SND,
                channel=Channel.PERSON,
                by=one.scope,
                version=changed,
                facts={"access": case["access"]},
            )
            audited = {"number": case["number"]}
            written = audit_line(Event.REFERRAL_FOLLOW_UP, by=one.scope, subject=("referral", task), facts=audited)
            await write_all(sql, [line, written])
            return
    raise refusal
