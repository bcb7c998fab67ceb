"""Reading and filling the forms of meetings and duty hours; every problem is kept beside its field."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.directory.schemas import OwnSite
from referral_hub.timetable.duty_actions import DutyFacts
from referral_hub.timetable.planned import HORIZON, MOST_PLACES, Planned, is_hour
from referral_hub.timetable.queries import Duty, Met
from referral_hub.timetable.rhythm import ONCE, RHYTHMS
from referral_hub.vocabularies import book
from referral_hub.web.forms import Form

OTHER: Final = "other"
MEMBER: Final = "czlonek_grupy"


def read_meeting(form: Form, sites: Sequence[OwnSite]) -> Planned:
    """A meeting as typed. Raises Refused("invalid") with every problem."""
    day = form.date("day", latest=clock.today() + HORIZON)
    from_hour, until_hour = _hour(form, "from_hour"), _hour(form, "until_hour")
    site = _site(form, sites)
    room = form.text("room", required=False, most=120)
    topic = form.text("topic", required=False, most=200)
    leader = _leader(form)
    places = form.whole("places", least=1, most=MOST_PLACES, required=False)
    note = form.text("note", required=False, most=300)
    form.check()
    return Planned(
        day=day or clock.today(),
        from_hour=from_hour,
        until_hour=until_hour,
        site=site,
        room=room,
        topic=topic,
        leader_role=leader,
        led_by_member=form.flag("led_by_member") or leader == MEMBER,
        places=places,
        note=note,
    )


def read_rhythm(form: Form) -> tuple[str, object]:
    """How often, and until when (None for a single meeting)."""
    rhythm = form.choice("rhythm", RHYTHMS) or ONCE
    until = form.date("until", required=rhythm != ONCE, latest=clock.today() + HORIZON) if rhythm != ONCE else None
    return rhythm, until


def read_duty(form: Form, sites: Sequence[OwnSite]) -> DutyFacts:
    """Duty hours as typed. Raises Refused("invalid") with every problem."""
    weekday = form.choice("weekday", [str(day) for day in range(1, 8)])
    from_hour, until_hour = _hour(form, "from_hour"), _hour(form, "until_hour")
    minutes = form.whole("minutes", least=5, most=480)
    starts_on = form.date("starts_on", earliest=clock.today(), latest=clock.today() + HORIZON, required=False)
    ends_on = form.date("ends_on", required=False, earliest=clock.today(), latest=clock.today() + HORIZON)
    site = _site(form, sites)
    room = form.text("room", required=False, most=120)
    leader = _leader(form)
    form.check()
    return DutyFacts(
        weekday=int(weekday or 1),
        from_hour=from_hour,
        until_hour=until_hour,
        minutes=minutes or 30,
        starts_on=starts_on or clock.today(),
        ends_on=ends_on,
        site=site,
        room=room,
        leader_role=leader,
    )


def meeting_form(met: Met) -> Form:
    """A meeting as it stands, to change."""
    starts, ends = met.starts_at.astimezone(clock.WARSAW), met.ends_at.astimezone(clock.WARSAW)
    return Form(
        {
            "day": starts.date(),
            "from_hour": starts.strftime("%H:%M"),
            "until_hour": ends.strftime("%H:%M"),
            "site": str(met.site or ""),
            "room": met.room,
            "topic": met.topic,
            "led_by_member": met.led_by_member,
            "places": "" if met.places is None else str(met.places),
            "note": met.note,
            "version": str(met.version),
            **_leader_fields(met.leader),
        }
    )


def duty_form(duty: Duty) -> Form:
    """Duty hours as they stand, to change."""
    names = ("weekday", "from_hour", "until_hour", "minutes", "room", "version")
    return Form(
        {
            **{name: str(getattr(duty, name)) for name in names},
            "starts_on": max(duty.starts_on, clock.today()),
            "ends_on": duty.ends_on,
            "site": str(duty.site or ""),
            **_leader_fields(duty.leader),
        }
    )


def _leader_fields(leader: str) -> dict[str, str]:
    known = not leader or book.word("leader", leader) is not None
    return {"leader": leader if known else OTHER, "leader_words": "" if known else leader}


def _leader(form: Form) -> str:
    """The code of a function, or one's own words for one."""
    codes = [code for code, _ in book.terms("leader", "pl")]
    chosen = form.choice("leader", [*codes, OTHER], required=False) or ""
    words = form.text("leader_words", required=False, most=80)
    if chosen == OTHER and not words:
        form.add("leader_words", "required")
    return words if words and chosen in ("", OTHER) else chosen


def _site(form: Form, sites: Sequence[OwnSite]) -> UUID | None:
    chosen = form.choice("site", [str(site.id) for site in sites], required=False)
    return UUID(chosen) if chosen else None


def _hour(form: Form, name: str) -> str:
    """An hour as a clock field sends it, or as people type it: 9, 9.30, 17:00."""
    typed = form.text(name, most=8).replace(".", ":")
    if not typed:
        return ""
    first, _, rest = typed.partition(":")
    text = f"{first.zfill(2)}:{(rest or '00')[:2]}"
    if not is_hour(text):
        form.add(name, "not_an_hour")
    return text
