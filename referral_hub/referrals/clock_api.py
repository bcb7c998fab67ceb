"""For programs: the network's times by kind of partner and priority, to read, set and take back; as the page does."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, delete, get, put
from msgspec import Meta, Struct, structs

from referral_hub.accounts.guards import actor_of, needs
from referral_hub.accounts.permissions import Permission
from referral_hub.errors import Refused
from referral_hub.referrals.clock_settings import MOST_DAYS, ClockRow, clock_row, clock_table, reset_clocks, set_clocks
from referral_hub.referrals.clocks import Times
from referral_hub.web.body import json_answer, read_json
from referral_hub.web.once import once
from referral_hub.web.openapi import says

SETTER: Final = needs(Permission.SETTINGS_EDIT)
Days = Annotated[int, Meta(ge=1, le=MOST_DAYS)]


class DaysGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """Business days of one priority; each as the page asks for it."""

    answer: Days
    escalate: Days
    expire: Days
    kept: Days
    cancel_escalate: Days
    cancel_expire: Days


class TimesGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """The times of every priority."""

    ordinary: DaysGiven
    priority: DaysGiven
    urgent: DaysGiven


class ClockGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """`kind`: of institution; "slow" for those that take longer, "" for all others."""

    kind: str
    times: TimesGiven


class ClocksTold(Struct, frozen=True):
    """The usual times, the slow kinds', then kinds with their own."""

    clocks: list[ClockRow]


@get(
    "/api/v1/clocks",
    opt=SETTER | says("The network's times in business days, by kind of partner and priority", answer=ClocksTold),
)
async def get_clocks(request: Request[Any, Any, Any]) -> Response[Any]:
    """What holds for clocks that start now."""
    return json_answer(ClocksTold(await clock_table()))


@put(
    "/api/v1/clocks",
    opt=SETTER
    | says("Set the times of one kind, for clocks that start afterwards", body=ClockGiven, answer=ClockRow,
           refusals=(404, 422)),
    status_code=200,
)  # fmt: skip
async def put_clock(request: Request[Any, Any, Any]) -> Response[Any]:
    """All times of the kind as they are to stand."""
    actor, given = actor_of(request), await read_json(request, ClockGiven)
    kind = (await clock_row(given.kind)).kind
    times = msgspec.convert(msgspec.to_builtins(given.times), dict[str, Times])

    async def work() -> Response[Any]:
        try:
            await set_clocks(kind, times, actor=actor)
        except Refused as refusal:
            # The rules name a field as the page does: "ordinary_escalate".
            inside = [structs.replace(one, field=f"times.{one.field.replace('_', '.', 1)}") for one in refusal.problems]
            raise Refused(refusal.code, inside, **refusal.facts) from None
        return json_answer(await clock_row(kind))

    return await once(request, actor.scope, work)


@delete(
    "/api/v1/clocks",
    opt=SETTER
    | says("Take a kind's own times back", query={"kind": 'a kind, "slow", or "" for all others'}, answer=ClockRow,
           refusals=(404,)),
    status_code=200,
)  # fmt: skip
async def delete_clock(request: Request[Any, Any, Any]) -> Response[Any]:
    """Back to what the kind would have without its own."""
    actor = actor_of(request)
    kind = (await clock_row(request.query_params.get("kind", "")[:60])).kind

    async def work() -> Response[Any]:
        await reset_clocks(kind, actor=actor)
        return json_answer(await clock_row(kind))

    return await once(request, actor.scope, work)


routes = [get_clocks, put_clock, delete_clock]
