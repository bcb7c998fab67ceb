"""A preference of safe contact as one line that a page shows."""

from referral_hub.participants.safe_contact import SafeContact
from referral_hub.web.wording import sentence_of, translate


def in_words(safe: SafeContact, language: str) -> str:
    """„tylko SMS; po 18:00; neutralny nadawca”; '' where nothing was said."""
    parts = [
        sentence_of(language, "safe_channel", safe.channel) if safe.channel else "",
        safe.hours,
        translate(language, "neutral sender, without the name of the institution") if safe.neutral_sender else "",
        safe.words,
    ]
    return "; ".join(part for part in parts if part)
