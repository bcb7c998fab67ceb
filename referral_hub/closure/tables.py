"""What does not agree between the two ends of a referral, or waits on the person's word, until somebody settles it."""

from piccolo.columns import UUID, Bytea, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from referral_hub.referrals.tables import Task


class Discrepancy(Table, tablename="discrepancy"):
    """The receiver says one thing and the person another; or the person waits, or did not go, and nobody has looked.

    `verdict` is '' until somebody has settled it, or until both say the same again. One item a referral: what is said
    later opens it anew.
    """

    id = UUID(primary_key=True, default=None)
    task = ForeignKey(Task, null=False, unique=True, default=None, on_delete=OnDelete.restrict)
    kind = Varchar(length=30, default=None, null=False)
    opened_at = Timestamptz(default=None, null=False)
    verdict = Varchar(length=20, default="")
    words_sealed = Bytea(default=None, null=True)
    settled_at = Timestamptz(default=None, null=True)
    settled_by = UUID(default=None, null=True)

    known_kind = Check(
        "kind in ('delivered_no_help', 'delivered_waiting', 'delivered_did_not_go', 'failed_got_help',"
        " 'waiting', 'did_not_go')"
    )
