"""One text message holds 160 letters of the GSM alphabet or 70 others, and is never two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_hub.mail.gsm import fits, length, plain, shortened
from referral_hub.mail.sms import compose_sms, international, masked

LINK = "https://hub.krakowskie-centrum-integracji.example/c/" + "x" * 32


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("a" * 160, (160, 160)),
        ("€", (2, 160)),
        ("[]{}", (8, 160)),
        ("é", (1, 160)),
        ("ą", (1, 70)),
        ("Місця?", (6, 70)),
        ("😀", (2, 70)),
        ("ą" * 70, (70, 70)),
    ],
)
def test_length_counts_as_networks_do(text: str, taken: tuple[int, int]) -> None:
    assert length(text) == taken


def test_polish_loses_its_diacritics_and_nothing_else() -> None:
    assert plain("Zażółć gęślą jaźń – „Łąka”") == 'Zazolc gesla jazn - "Laka"'


@given(st.text(max_size=300))
def test_plain_text_is_always_in_the_alphabet(text: str) -> None:
    assert length(plain(text))[1] == 160


@given(st.text(max_size=400), st.sampled_from(["pl", "en", "uk"]))
def test_a_message_always_fits_and_always_holds_its_link(name: str, language: str) -> None:
    text = compose_sms("capacity_due", language, {"institution": name, "link": LINK})
    assert fits(text)
    assert text.endswith(LINK)


def test_a_long_name_gives_way_to_the_link() -> None:
    name = "Stowarzyszenie Przyjaciół Osób w Kryzysie Bezdomności i Ich Rodzin „Otwarte Drzwi” w Tarnowie"
    text = compose_sms("capacity_due", "pl", {"institution": name, "link": LINK})
    assert text.startswith("Stowarzyszenie Przy")
    assert ".: ile wolnych miejsc?" in text
    assert shortened("{name}: x", "") == "x"


def test_a_link_too_long_for_a_message_is_said() -> None:
    with pytest.raises(ValueError, match="too long"):
        compose_sms("capacity_due", "pl", {"institution": "x", "link": "https://" + "x" * 200})


def test_numbers_are_dialled_whole_and_logged_masked() -> None:
    assert international("601 123 456") == "+48601123456"
    assert international("+380 67 123 45 67") == "+380671234567"
    assert international("0048601123456") == "+48601123456"
    assert masked("601 123 456") == "…456"
