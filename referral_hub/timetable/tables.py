"""When an offer happens: meetings and appointments with their own places, and terms (editions, calls, vacancies)."""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from referral_hub.directory.tables import Offer, Site


class Meeting(Table, tablename="meeting"):
    """One meeting of a group, or one appointment of an expert's duty hours (`kind`).

    `leader_role` is a function (psychologist, therapist, member of the group …), never a name; `led_by_member`: a
    participant leads. `places` None: no limit; `enrolled` counts enrolments, changed only by conditional updates;
    `others` were there without a referral, counted only. `series` joins the meetings of one rhythm, or the
    appointments of one expert's duty hours; `aside` are free ones taken out together with their hours.
    """

    id = UUID(primary_key=True, default=None)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    kind = Varchar(length=12, default="meeting")
    series = UUID(default=None, null=True, index=True)
    site = ForeignKey(Site, null=True, default=None, on_delete=OnDelete.restrict)
    room = Text(default="")
    topic = Text(default="")
    starts_at = Timestamptz(default=None, null=False)
    ends_at = Timestamptz(default=None, null=False)
    leader_role = Text(default="")
    led_by_member = Boolean(default=False)
    places = Integer(default=None, null=True)
    enrolled = Integer(default=0)
    others = Integer(default=0)
    status = Varchar(length=10, default="planned")
    note = Text(default="")
    version = Integer(default=1)
    made_at = Timestamptz(default=None, null=False)
    updated_at = Timestamptz(default=None, null=False)

    known_kind = Check("kind in ('meeting', 'appointment')")
    known_status = Check("status in ('planned', 'held', 'cancelled', 'aside')")
    in_order = Check("starts_at < ends_at")
    counted = Check("enrolled >= 0 and others >= 0")
    not_overbooked = Check("places is null or (places >= 0 and enrolled <= places)")


class DutyHours(Table, tablename="duty_hours"):
    """When an expert is there every week: each `minutes` of a `weekday` (1 Monday … 7) from–to is one appointment.

    Hours are "HH:MM" in Europe/Warsaw. Appointments are meetings of kind `appointment` whose `series` is this id.
    `ended_at`: taken back; its free appointments are gone, those booked stay.
    """

    id = UUID(primary_key=True, default=None)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    site = ForeignKey(Site, null=True, default=None, on_delete=OnDelete.restrict)
    room = Text(default="")
    leader_role = Text(default="")
    weekday = Integer(default=1)
    from_hour = Varchar(length=5, default=None, null=False)
    until_hour = Varchar(length=5, default=None, null=False)
    minutes = Integer(default=30)
    starts_on = Date(default=None, null=False)
    ends_on = Date(default=None, null=True)
    version = Integer(default=1)
    made_at = Timestamptz(default=None, null=False)
    updated_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)

    known_weekday = Check("weekday between 1 and 7")
    in_order = Check("from_hour < until_hour")
    of_a_length = Check("minutes between 5 and 480")


class DutyBlock(Table, tablename="duty_block"):
    """A day on which there are no duty hours of an offer."""

    id = UUID(primary_key=True, default=None)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    free_on = Date(default=None, null=False)
    made_at = Timestamptz(default=None, null=False)

    once_a_day = Unique(["offer", "free_on"])


class OfferTerm(Table, tablename="offer_term"):
    """An edition of a training, a call for a traineeship or works, a vacancy with its period and places.

    `taken` changes only by conditional updates and never exceeds `places`; `hours` in all.
    """

    id = UUID(primary_key=True, default=None)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    title = Text(default="")
    apply_by = Date(default=None, null=True)
    starts_on = Date(default=None, null=True)
    ends_on = Date(default=None, null=True)
    places = Integer(default=None, null=True)
    taken = Integer(default=0)
    hours = Integer(default=None, null=True)
    cost = Text(default="")
    stipend = Text(default="")
    papers = Text(default="")
    note = Text(default="")
    status = Varchar(length=10, default="open")
    version = Integer(default=1)
    made_at = Timestamptz(default=None, null=False)
    updated_at = Timestamptz(default=None, null=False)

    known_status = Check("status in ('open', 'closed', 'cancelled')")
    in_order = Check("starts_on is null or ends_on is null or starts_on <= ends_on")
    not_too_many = Check("taken >= 0 and (places is null or places >= 0)")
