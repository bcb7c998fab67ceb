"""Who of those referred comes to which meeting: enrolment, attendance, hours. Seen as the referral is seen."""

from piccolo.columns import UUID, ForeignKey, OnDelete, Real, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from referral_hub.referrals.tables import Task
from referral_hub.timetable.tables import Meeting, OfferTerm


class Enrolment(Table, tablename="enrolment"):
    """A referral's place at one meeting or appointment, or in one term (exactly one of both).

    `attendance` as in a referral's move: came, late, absent_told, absent, excused; '' before it is marked. `told`: what
    became of it in the referral once the list was closed: `moved`, or the code of why the move was refused.
    """

    id = UUID(primary_key=True, default=None)
    task = ForeignKey(Task, null=False, default=None, on_delete=OnDelete.restrict)
    meeting = ForeignKey(Meeting, null=True, default=None, on_delete=OnDelete.restrict)
    term = ForeignKey(OfferTerm, null=True, default=None, on_delete=OnDelete.restrict)
    state = Varchar(length=10, default="enrolled")
    attendance = Varchar(length=12, default="")
    hours = Real(default=None, null=True)
    made_at = Timestamptz(default=None, null=False)
    made_by = UUID(default=None, null=True)
    marked_at = Timestamptz(default=None, null=True)
    marked_by = UUID(default=None, null=True)
    told = Varchar(length=40, default="")

    once_a_meeting = Unique(["task", "meeting"])
    once_a_term = Unique(["task", "term"])
    one_of_both = Check("(meeting is null) <> (term is null)")
    known_state = Check("state in ('enrolled', 'cancelled')")
    known_attendance = Check("attendance in ('', 'came', 'late', 'absent_told', 'absent', 'excused')")
