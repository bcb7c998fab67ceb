"""What others say about an entry: suggestions of anybody, private notes of staff, disagreements settled."""

from piccolo.columns import JSONB, UUID, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from referral_hub.accounts.tables import Account
from referral_hub.institutions.tables import Institution


class Suggestion(Table, tablename="suggestion"):
    """Somebody says a field is wrong. `origin`: visitor, caseworker, partner. Nothing is kept of a visitor."""

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    subject_kind = Varchar(length=12, default=None, null=False)
    subject = UUID(default=None, null=False, index=True)
    field = Varchar(length=40, default=None, null=False)
    present = JSONB(default="null")
    suggested = JSONB(default="null")
    note = Text(default="")
    origin = Varchar(length=12, default=None, null=False)
    account = UUID(default=None, null=True)
    made_at = Timestamptz(default=None, null=False)
    state = Varchar(length=10, default="open")
    word = Text(default="")
    asked_at = Timestamptz(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    decided_by = UUID(default=None, null=True)

    known_subject = Check("subject_kind in ('institution', 'site', 'offer', 'contact')")
    known_origin = Check("origin in ('visitor', 'caseworker', 'partner')")
    known_state = Check("state in ('open', 'asked', 'accepted', 'rejected')")


class StaffNote(Table, tablename="staff_note"):
    """A private note of one institution's staff about a partner: business facts only, seen by that staff alone."""

    id = UUID(primary_key=True, default=None)
    owner = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    offer = UUID(default=None, null=True)
    text = Text(default=None, null=False)
    account = ForeignKey(Account, null=False, default=None, on_delete=OnDelete.restrict)
    made_at = Timestamptz(default=None, null=False)
    removed_at = Timestamptz(default=None, null=True)


class Settlement(Table, tablename="settlement"):
    """Sources disagreed about a field, and the coordinator settled it: for `value`, until a source says anew.

    `said`: source → what it said of the field at that moment.
    """

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    subject_kind = Varchar(length=12, default=None, null=False)
    subject = UUID(default=None, null=False, index=True)
    field = Varchar(length=40, default=None, null=False)
    value = JSONB(default="null")
    said = JSONB(default="{}")
    source = Text(default="")
    why = Text(default="")
    at = Timestamptz(default=None, null=False)
    by = UUID(default=None, null=True)
