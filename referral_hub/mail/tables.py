"""What was mailed: to whom and which template, never the words."""

from piccolo.columns import UUID, Text, Timestamptz, Varchar
from piccolo.table import Table


class MailSent(Table, tablename="mail_sent"):
    """A delivery: handed to the SMTP server at `sent_at`, or refused with `error`."""

    id = UUID(primary_key=True, default=None)
    institution = UUID(default=None, null=True, index=True)
    address = Varchar(length=254, default=None, null=False)
    template = Varchar(length=60, default=None, null=False)
    subject_id = UUID(default=None, null=True, index=True)
    sent_at = Timestamptz(default=None, null=True)
    error = Text(default="")
