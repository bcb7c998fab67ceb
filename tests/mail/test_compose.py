"""A mail as it goes out."""

from referral_hub.mail.actions import compose


def test_a_line_break_in_a_title_adds_no_header_and_stops_no_mail() -> None:
    facts = {"code": "CDFG-HJKM", "name": "Dom Kultury\r\nBcc: obcy@zle.example", "who": "a…@b.pl", "link": "http://x/"}
    message = compose("sala@dom.example", "claim_code", "pl", facts)
    assert message["Subject"] == "Kod do konta: Dom Kultury Bcc: obcy@zle.example"
    assert message["Bcc"] is None
