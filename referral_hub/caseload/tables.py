"""The caseworker's own notes on a referral: nobody outside the sending institution ever reads them."""

from piccolo.columns import UUID, Bytea, ForeignKey, OnDelete, Timestamptz
from piccolo.table import Table

from referral_hub.institutions.tables import Institution
from referral_hub.referrals.tables import Task


class TaskNote(Table, tablename="task_note"):
    """An internal note of one institution on one referral; sealed, removed by its writer."""

    id = UUID(primary_key=True, default=None)
    task = ForeignKey(Task, null=False, default=None, on_delete=OnDelete.restrict)
    institution = ForeignKey(Institution, null=False, default=None, on_delete=OnDelete.restrict)
    account = UUID(default=None, null=False)
    at = Timestamptz(default=None, null=False)
    words_sealed = Bytea(default=None, null=False)
    removed_at = Timestamptz(default=None, null=True)
