"""What our own referrals show of each offer, counted anew by a job and put beside what is declared.

Counted are referrals sent within the last twelve months. Left out: drafts, what was voided (entered in error), and
people who went alone with a card, since nobody asked the institution anything. Never about a person: only offers have
rows, and `directory/observed.py` shows a figure from five cases on.

* answered: the receiver said something (a question, a waiting list, yes, no), also by phone; days from sending to it;
* decided: the first decision was yes or no; `full`: it was no for want of places;
* silent: the time to answer ran out and nothing was ever said;
* waited: days from sending to the day on which the support began, where that day is known.
"""

from datetime import date, timedelta

from referral_hub import clock
from referral_hub.database.transaction import SYSTEM, transaction

WINDOW = timedelta(days=365)

_COUNT = """with event as (
 select e.task, min(e.at) filter (where e.verb = 'accept') as accepted_at,
  min(e.at) filter (where e.verb = 'decline') as declined_at,
  (array_agg(e.facts->>'reason' order by e.at) filter (where e.verb = 'decline'))[1] as reason,
  bool_or(e.verb = 'expire') as expired,
  min((e.facts->>'date')::date) filter (where e.verb = 'start') as started_on
 from task_event e where e.verb in ('accept', 'decline', 'expire', 'start') group by e.task),
task as (
 select t.offer, t.first_answer_at is not null as answered,
  extract(epoch from t.first_answer_at - t.sent_at) / 86400 as answer_days,
  e.accepted_at is not null as accepted,
  e.accepted_at is null and e.declined_at is not null as declined,
  e.accepted_at is null and e.declined_at is not null and e.reason = 'no_capacity' as full,
  coalesce(e.expired, false) and t.first_answer_at is null as silent,
  e.started_on - (t.sent_at at time zone 'Europe/Warsaw')::date as wait_days
 from referral_task t left join event e on e.task = t.id
 where t.sent_at >= $1 and t.sent_at <= $3 and t.state not in ('draft', 'void') and not t.no_data),
counted as (
 select offer, count(*) as sent, count(*) filter (where answered) as answered,
  percentile_cont(0.5) within group (order by answer_days) filter (where answered) as answer_days,
  count(*) filter (where accepted or declined) as decided, count(*) filter (where accepted) as accepted,
  count(*) filter (where task.full) as turned_away, count(*) filter (where silent) as silent,
  count(*) filter (where wait_days >= 0) as waited,
  percentile_cont(0.5) within group (order by wait_days) filter (where wait_days >= 0) as wait_days
 from task group by offer),
gone as (delete from offer_observed o where not exists (select 1 from counted c where c.offer = o.offer))
insert into offer_observed as o (offer, since, as_of, sent, answered, answer_days, decided, accepted, "full", silent,
 waited, wait_days)
select offer, $2, $3, sent, answered, answer_days, decided, accepted, turned_away, silent, waited, wait_days
 from counted
on conflict (offer) do update set since = excluded.since, as_of = excluded.as_of, sent = excluded.sent,
 answered = excluded.answered, answer_days = excluded.answer_days, decided = excluded.decided,
 accepted = excluded.accepted, "full" = excluded."full", silent = excluded.silent, waited = excluded.waited,
 wait_days = excluded.wait_days"""


async def count_observed() -> int:
    """Count every offer anew, in one statement; how many offers have a row. Safe to repeat and to run twice at once."""
    moment = clock.now()
    since: date = clock.today() - WINDOW
    async with transaction(SYSTEM) as sql:
        done = await sql.execute(_COUNT, moment - WINDOW, since, moment)
    return int(done.rpartition(" ")[2])
