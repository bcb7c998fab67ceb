"""Exchange of services: what an institution or a group offers, what it wants, and what came together."""

from piccolo.columns import UUID, Date, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from referral_hub.directory.tables import Offer


class Line(Table, tablename="barter_line"):
    """A thing offered or wanted under an offer of the form „wymiana usług”. `subject`: of `barter_subject`."""

    id = UUID(primary_key=True, default=None)
    offer = ForeignKey(Offer, null=False, default=None, on_delete=OnDelete.restrict)
    side = Varchar(length=8, default=None, null=False)
    subject = Varchar(length=60, default=None, null=False)
    text = Text(default="")
    amount = Text(default="")
    until = Date(default=None, null=True)
    made_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(default=None, null=True)

    known_side = Check("side in ('offered', 'wanted')")


class Exchange(Table, tablename="barter_exchange"):
    """Two lines that meet: proposed by one side, agreed by the other, done, or let go."""

    id = UUID(primary_key=True, default=None)
    offered = ForeignKey(Line, null=False, default=None, on_delete=OnDelete.restrict)
    wanted = ForeignKey(Line, null=False, default=None, on_delete=OnDelete.restrict)
    proposed_by = UUID(default=None, null=False)
    state = Varchar(length=10, default="proposed")
    word = Text(default="")
    made_at = Timestamptz(default=None, null=False)
    changed_at = Timestamptz(default=None, null=False)

    known_state = Check("state in ('proposed', 'agreed', 'done', 'let_go')")
