"""Tell the coordinators once, a month ahead, that a basis for passing personal data ends."""

from typing import Final

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.institutions.agreements import AHEAD, bound_sql
from referral_hub.mail.actions import queue
from referral_hub.settings import settings
from referral_hub.web.formats import short_day
from referral_hub.web.wording import speaking

# Not where another basis goes on, nor where nobody has an account: links from mail need none. Marked in the statement
# that finds them, so two workers tell each only once.
_ENDING: Final = f"""update data_agreement d set warned_on = $1 from institution i
where i.id = d.institution and d.warned_on is null and d.valid_until between $1 and $2 and d.signed_on <= $1
and not i.club and i.status = 'published'
and exists (select 1 from account where institution = i.id and active)
and not {bound_sql("i.id", "$2 + 1")}
returning d.institution, i.name, d.valid_until"""  # noqa: S608 -- a condition of ours

_COORDINATORS: Final = """select a.email, a.language from account a join account_role r on r.account = a.id
where a.active and r.role = 'coordinator' order by a.email limit 20"""


async def warn_of_endings() -> int:
    """Mail every coordinator about each agreement that ends within AHEAD and was not named before; how many."""
    today = clock.today()
    async with transaction(SYSTEM) as sql:
        ending = await sql.fetch(_ENDING, today, today + AHEAD)
        coordinators = await sql.fetch(_COORDINATORS) if ending else []
        for one in ending:
            link = f"{settings().public_url}/institutions/{one['institution']}/edit#agreements"
            for row in coordinators:
                with speaking(row["language"]):
                    facts = {"name": one["name"], "until": short_day(one["valid_until"]), "link": link}
                await queue(row["email"], "agreement_ends", row["language"], facts, institution=one["institution"])
    return len(ending)
