"""Calls to partners who no longer answer mail, and the ladder of what they were sent."""

from piccolo.columns import UUID, Date, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from referral_hub.institutions.tables import Institution


class CallNote(Table, tablename="call_note"):
    """A call to a silent partner: whom the coordinator asked, what was heard, when to ask again."""

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    offer = UUID(default=None, null=True)
    at = Timestamptz(default=None, null=False)
    account = UUID(default=None, null=True)
    heard = Varchar(length=20, default=None, null=False)
    again_on = Date(default=None, null=True)

    known_answer = Check("heard in ('no_change', 'new_number', 'nobody_answered')")


class Asking(Table, tablename="asking"):
    """One rung of the ladder: an institution was asked for its places.

    `rung`: 0 first, 1 and 2 reminders, later ones in the second silent rhythm. `offers`: how many were due.
    `failed_at`: the message did not arrive, so this rung does not count.
    """

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    rung = Integer(default=0)
    channel = Varchar(length=6, default="email")
    at = Timestamptz(default=None, null=False)
    offers = Integer(default=0)
    link = UUID(default=None, null=True, index=True)
    failed_at = Timestamptz(default=None, null=True)

    known_channel = Check("channel in ('email', 'sms')")


class CallTask(Table, tablename="call_task"):
    """The telephone's turn: after two silent rhythms, or where no mail arrives. One open per institution."""

    id = UUID(primary_key=True, default=None)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    why = Varchar(length=20, default="silent")
    made_at = Timestamptz(default=None, null=False)
    due_on = Date(default=None, null=False)
    tries = Integer(default=0)
    done_at = Timestamptz(default=None, null=True)
    done_by = UUID(default=None, null=True)
    heard = Varchar(length=20, default="")

    known_why = Check("why in ('silent', 'no_address', 'bounced', 'prefers_phone')")
