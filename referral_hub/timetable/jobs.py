"""Work of the timetable that comes round by itself."""

from datetime import timedelta
from typing import Any

from referral_hub.jobs.actions import Work
from referral_hub.timetable.duty_actions import fill_appointments


async def keep_appointments_open(payload: dict[str, Any]) -> None:
    """Appointments of duty hours stand open some weeks ahead, whatever the day."""
    await fill_appointments()


registry: dict[str, Work] = {"keep_appointments_open": keep_appointments_open}
schedule = {"keep_appointments_open": timedelta(hours=6)}
