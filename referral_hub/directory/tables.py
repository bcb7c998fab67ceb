"""Sites, offers and their capacity readings."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    Boolean,
    Date,
    DoublePrecision,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from referral_hub.accounts.tables import Account
from referral_hub.institutions.tables import Institution


class Site(Table, tablename="site"):
    """A place of an institution. `address_visibility`: public, staff, or accepted (after an accepted referral).

    `hours` is a list of {"days": [1..7], "from": "HH:MM", "to": "HH:MM"}, empty where the text is not certain.
    `accessibility`: feature → {"answer": yes|no|planned|unknown, "text": …}.
    """

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    name = Text(default="")
    street = Text(default="")
    post_code = Varchar(length=6, default="")
    place = Text(default="")
    terc = Varchar(length=6, default="", index=True)
    lat = DoublePrecision(default=None, null=True)
    lon = DoublePrecision(default=None, null=True)
    precision = Varchar(length=12, default="")
    hours_text = Text(default="")
    hours = JSONB(default="[]")
    accessibility = JSONB(default="{}")
    travel = Text(default="")
    address_visibility = Varchar(length=10, default="public")
    main = Boolean(default=True)
    status = Varchar(length=12, default="published")
    version = Integer(default=1)
    updated_at = Timestamptz(default=None, null=False)

    known_visibility = Check("address_visibility in ('public', 'staff', 'accepted')")
    known_status = Check("status in ('published', 'archived')")


class Offer(Table, tablename="offer"):
    """One form of support by one institution. `area`: TERC prefixes served, empty = where its sites are.

    `eligibility`: {"age_from", "age_to", "sex", "therapy_stage", "note"}, absent keys mean no condition.
    `disclosure`: what a receiver sees before accepting (`summary` or `full`). `rhythm`: day, week, month, quarter.
    `sensitive`: being sent there is a protected fact in itself (neutral words on paper). `by_category`: its owner wants
    it shown to the public by its form only, without name, place or title (docs/decisions/0015).
    `unit`: what is counted (place, bed, hour, appointment, vacancy, item, person, group). `details`: what only its kind
    of offer has, as `directory/details.py` says. Scheduled: published with `visible_from` ahead. Temporarily closed:
    `closed`, with the day it opens again (`closed_until`) where it is known, and a word why.
    """

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    form = Varchar(length=60, default=None, null=False, index=True)
    title = Text(default=None, null=False)
    title_en = Text(default="")
    title_uk = Text(default="")
    description = Text(default="")
    description_en = Text(default="")
    description_uk = Text(default="")
    needs = Array(base_column=Text(), default=list)
    audiences = Array(base_column=Text(), default=list)
    languages = Array(base_column=Text(), default=list)
    eligibility = JSONB(default="{}")
    area = Array(base_column=Text(), default=list)
    remote = Boolean(default=False)
    first_step = Text(default="")
    papers = Text(default="")
    cost = Text(default="")
    stipend = Text(default="")
    insurance = Text(default="")
    intake_mode = Varchar(length=20, default="referral")
    disclosure = Varchar(length=10, default="summary")
    sensitive = Boolean(default=False)
    by_category = Boolean(default=False)
    keeps_place_on_hold = Boolean(default=True)
    unit = Varchar(length=12, default="place")
    rhythm = Varchar(length=10, default="month")
    source_text = Text(default="")
    status = Varchar(length=12, default="published")
    visible_from = Date(default=None, null=True)
    closed_until = Date(default=None, null=True)
    closed_why = Text(default="")
    details = JSONB(default="{}")
    version = Integer(default=1)
    made_at = Timestamptz(default=None, null=False)
    updated_at = Timestamptz(default=None, null=False)

    known_status = Check("status in ('draft', 'published', 'closed', 'archived')")
    known_rhythm = Check("rhythm in ('day', 'week', 'month', 'quarter')")
    known_intake = Check("intake_mode in ('open', 'phone', 'referral', 'official')")
    known_disclosure = Check("disclosure in ('summary', 'full')")
    has_title = Check("title <> ''")


class OfferSite(Table, tablename="offer_site"):
    """Where an offer happens; an offer without a row is remote or asks by phone."""

    id = UUID(primary_key=True, default=None)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    site = ForeignKey(Site, null=False, default=None, on_delete=OnDelete.restrict)

    one_place = Unique(["offer", "site"])


class Reading(Table, tablename="capacity_reading"):
    """Append-only: places as somebody gave them, never computed. `voided_at` is set by an undo, which adds a row.

    `source`: declared (partner), observed (our referrals), reported (caseworker), imported. `unit`: as `Offer.unit` at
    that time, or another one beside it, which never steers holds. `by_group`: free places by audience code where given.
    """

    id = UUID(primary_key=True, default=None)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    as_of = Timestamptz(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    source = Varchar(length=10, default=None, null=False)
    unit = Varchar(length=12, default="place")
    free = Integer(default=None, null=True)
    maximum = Integer(default=None, null=True)
    taken = Integer(default=None, null=True)
    referred = Integer(default=None, null=True)
    allocated = Integer(default=None, null=True)
    arrived = Integer(default=None, null=True)
    waiting = Integer(default=None, null=True)
    waiting_days = Integer(default=None, null=True)
    free_women = Integer(default=None, null=True)
    free_men = Integer(default=None, null=True)
    by_group = JSONB(default="{}")
    from_when = Date(default=None, null=True)
    status = Varchar(length=40, default="")
    note = Text(default="")
    account = UUID(default=None, null=True)
    source_ref = Varchar(length=240, default=None, null=True, unique=True)
    taken_before = Integer(default=0)
    voids = UUID(default=None, null=True)
    voided_at = Timestamptz(default=None, null=True)

    known_source = Check("source in ('declared', 'observed', 'reported', 'imported')")
    not_negative = Check("coalesce(free, 0) >= 0 and coalesce(maximum, 0) >= 0 and coalesce(waiting, 0) >= 0")


class OfferPlaces(Table, tablename="offer_places"):
    """The counter behind holds: one row per offer, changed only by conditional updates.

    available = greatest(free - held - taken_since, 0) where `free` is not null; `reading` is the one in force.
    `maximum`: the last one anybody told, since most readings tell only what is free; the ledger stays as given.
    """

    offer = ForeignKey(Offer, primary_key=True, null=False, default=None, on_delete=OnDelete.restrict)
    reading = UUID(default=None, null=True)
    free = Integer(default=None, null=True)
    maximum = Integer(default=None, null=True)
    held = Integer(default=0)
    taken_since = Integer(default=0)

    held_is_counted = Check("held >= 0")
    taken_is_counted = Check("taken_since >= 0")


class ReadingProposal(Table, tablename="reading_proposal"):
    """A number nobody has confirmed: a decline for "no places" proposes 0, the partner says yes or no by one tap.

    Holds nothing of the referral it comes from. `reading` is what the answer became.
    """

    id = UUID(primary_key=True, default=None)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    free = Integer(default=0)
    why = Varchar(length=20, default="declined_full")
    made_at = Timestamptz(default=None, null=False)
    answer = Varchar(length=10, default="")
    answered_at = Timestamptz(default=None, null=True)
    reading = UUID(default=None, null=True)

    known_answer = Check("answer in ('', 'confirmed', 'other', 'dismissed', 'outdated')")


class OfferObserved(Table, tablename="offer_observed"):
    """What our own referrals show of an offer, counted anew by a job: declared stands beside it. n before figure.

    Days are days of 24 hours; `answered` of `sent` have a first answer, `silent` ran out, `decided` were accepted or
    declined, `full` declined for no places, `waited` have a time from sending to start.
    """

    offer = ForeignKey(Offer, primary_key=True, null=False, default=None, on_delete=OnDelete.restrict)
    since = Date(default=None, null=False)
    as_of = Timestamptz(default=None, null=False)
    sent = Integer(default=0)
    answered = Integer(default=0)
    answer_days = DoublePrecision(default=None, null=True)
    decided = Integer(default=0)
    accepted = Integer(default=0)
    full = Integer(default=0)
    silent = Integer(default=0)
    waited = Integer(default=0)
    wait_days = DoublePrecision(default=None, null=True)


class PendingEdit(Table, tablename="pending_edit"):
    """A change that waits for the coordinator while the approved version stays public.

    `changes`: field → new value of `subject_kind` (institution, site, offer), against `base_version`.
    """

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    subject_kind = Varchar(length=12, default=None, null=False)
    subject = UUID(default=None, null=False, index=True)
    base_version = Integer(default=1)
    changes = JSONB(default="{}")
    before = JSONB(default="{}")
    why = Text(default="")
    made_at = Timestamptz(default=None, null=False)
    made_by = UUID(default=None, null=True)
    state = Varchar(length=10, default="waiting")
    word = Text(default="")
    decided_at = Timestamptz(default=None, null=True)
    decided_by = UUID(default=None, null=True)

    known_subject = Check("subject_kind in ('institution', 'site', 'offer')")
    known_state = Check("state in ('waiting', 'accepted', 'rejected', 'withdrawn')")


class Notice(Table, tablename="notice"):
    """A word that ends by itself („w piątek nieczynne”): of an institution, or of one of its offers or sites."""

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    belongs_to = UUID(default=None, null=True)
    text = Text(default=None, null=False)
    from_on = Date(default=None, null=False)
    until_on = Date(default=None, null=False)
    made_at = Timestamptz(default=None, null=False)
    made_by = UUID(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)

    in_order = Check("from_on <= until_on")


class Favourite(Table, tablename="favourite"):
    """An offer an account keeps at hand."""

    id = UUID(primary_key=True, default=None)
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    made_at = Timestamptz(default=None, null=False)

    one_mark = Unique(["account", "offer"])


class DirectoryVersion(Table, tablename="directory_version"):
    """One row: the number every directory write raises, so that read models know when to look again."""

    id = BigInt(primary_key=True, default=None)
    number = BigInt(default=0)
