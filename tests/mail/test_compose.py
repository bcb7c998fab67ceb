"""A mail as it goes out."""

from referral_hub.mail.actions import compose


def test_a_line_break_in_a_title_adds_no_header_and_stops_no_mail() -> None:
    facts = {"code": "CDFG-HJKM", "name": "Dom Kultury\r\nBcc: obcy@zle.example", "who": "a…@b.pl", "link": "http://x/"}
    message = compose("sala@dom.example", "claim_code", "pl", facts)
    assert message["Subject"] == "Kod do konta: Dom Kultury Bcc: obcy@zle.example"
    assert message["Bcc"] is None


def test_whoever_asked_reads_in_the_subject_that_the_answer_is_there() -> None:
    facts = {"number": "2026/0017", "link": "http://x/", "issued": False}
    answered, changed = (
        compose("biuro@dom.example", "referral_news", "pl", {**facts, **more}) for more in ({"answered": True}, {})
    )
    assert answered["Subject"] == "Zgłoszenie 2026/0017: odpowiedź na Państwa pytanie"
    assert changed["Subject"] == "Zgłoszenie 2026/0017: jest coś nowego"
    assert "pytanie" not in changed.as_string()
