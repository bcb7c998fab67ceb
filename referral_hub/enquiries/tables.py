"""„Kto ma miejsce?”: many institutions asked at once, without personal data; every answer is a reading."""

from piccolo.columns import UUID, Array, Date, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from referral_hub.directory.tables import Offer
from referral_hub.institutions.tables import Institution


class Enquiry(Table, tablename="enquiry"):
    """The question: a need, for whom, where, from when, for how many; never about anybody."""

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    account = UUID(default=None, null=True)
    need = Varchar(length=60, default=None, null=False)
    audiences = Array(base_column=Text(), default=list)
    area = Array(base_column=Text(), default=list)
    from_on = Date(default=None, null=True)
    people = Integer(default=1)
    made_at = Timestamptz(default=None, null=False)
    ends_at = Timestamptz(default=None, null=False)
    closed_at = Timestamptz(default=None, null=True)
    reminded_at = Timestamptz(default=None, null=True)

    at_least_one = Check("people > 0")


class Asked(Table, tablename="enquiry_asked"):
    """One institution asked about one of its offers, and its answer: yes, later, no. `reading` is what it became."""

    id = UUID(primary_key=True, default=None)
    enquiry = ForeignKey(Enquiry, null=False, default=None, on_delete=OnDelete.restrict)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    channel = Varchar(length=6, default="email")
    answer = Varchar(length=6, default="")
    free = Integer(default=None, null=True)
    from_on = Date(default=None, null=True)
    answered_at = Timestamptz(default=None, null=True)
    answered_by = Varchar(length=10, default="")
    reading = UUID(default=None, null=True)

    asked_once = Unique(["enquiry", "offer"])
    known_answer = Check("answer in ('', 'yes', 'later', 'no')")
