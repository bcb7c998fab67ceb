"""Work to do after a commit: filled inside business transactions, taken with SKIP LOCKED."""

from piccolo.columns import JSONB, UUID, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table


class Job(Table, tablename="job"):
    """One piece of work; `key` makes a repeat of the same wish harmless; the payload is emptied when done."""

    id = UUID(primary_key=True, default=None)
    name = Varchar(length=60, default=None, null=False)
    payload = JSONB(default="{}")
    key = Varchar(length=160, default=None, null=True, unique=True)
    run_at = Timestamptz(default=None, null=False)
    attempts = Integer(default=0)
    locked_until = Timestamptz(default=None, null=True)
    done_at = Timestamptz(default=None, null=True)
    failed_at = Timestamptz(default=None, null=True)
    error = Text(default="")
