"""What the letters of a claim say, and how an address is shown in them."""

from referral_hub.accounts.claims import masked, typed_code
from referral_hub.mail.actions import compose


def test_letters_of_claims_are_written_in_three_languages() -> None:
    facts = {"code": "CDFG-HJKM", "name": "Ośrodek", "who": "n…@praca.example", "link": "http://hub.test/x"}
    for template in ("claim_code", "claim_ask", "claim_granted", "claim_colleague"):
        said = {compose("a@b.example", template, language, facts)["Subject"] for language in ("pl", "en", "uk")}
        assert len(said) == 3


def test_an_address_shows_its_first_letter_and_its_domain() -> None:
    assert masked("sekretariat@gops.pl") == "s…@gops.pl"
    assert typed_code(" cdfg-hjkm ") == "CDFGHJKM"
    assert len(typed_code("C" * 100)) == 9
