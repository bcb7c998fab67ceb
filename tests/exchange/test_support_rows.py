"""Rows of the voivode's list: what is taken from free text, what is doubted, what is left out."""

from tests.exchange.rows import codes_at, drafts, row

KIND = "support-institutions"


def test_a_plain_row_is_taken_whole() -> None:
    one = row(KIND, "1")
    assert (one.line, one.institution.kind, one.institution.terc) == (2, "ops", "120706")
    (site,) = one.sites
    assert (site.street, site.post_code, site.place) == ("ul. Zmyślona 3", "34-602", "Laskowa")
    assert site.hours_text == "poniedziałek 8.00-16.00\nwtorek - piątek 7.30-15.30"
    assert [offer.form for offer in one.offers] == ["praca_socjalna", "por_psychologiczne", "poradnictwo_ogolne"]
    assert all(offer.area == ("120706",) for offer in one.offers)
    assert "pomoc finansowa" in one.text
    assert codes_at(KIND, 2) == []


def test_lines_are_counted_over_line_breaks_in_cells() -> None:
    assert [one.line for one in drafts(KIND).rows[:3]] == [2, 5, 6]


def test_two_full_addresses_become_two_places() -> None:
    assert [(site.street, site.post_code) for site in row(KIND, "2").sites] == [
        ("ul. Wymyślona 5", "31-135"),
        ("ul. Nieistniejąca 7", "30-709"),
    ]
    assert [site.street for site in row(KIND, "16").sites] == ["18", "263"]


def test_the_same_address_twice_is_one_place() -> None:
    assert len(row(KIND, "3").sites) == 1
    assert len(row(KIND, "3").contacts) == 1


def test_the_address_of_the_operator_is_not_the_place() -> None:
    assert row(KIND, "4").sites == ()
    assert codes_at(KIND, 7) == ["address_of_another"]


def test_a_row_without_an_address_keeps_its_offers() -> None:
    assert row(KIND, "5").sites == ()
    assert [offer.form for offer in row(KIND, "5").offers] == ["por_prawne", "mediacja"]


def test_two_streets_of_one_post_code_are_not_split() -> None:
    assert [site.street for site in row(KIND, "19").sites] == ["ul. Zmyślona 8"]
    assert codes_at(KIND, 22) == ["several_addresses"]


def test_the_gmina_comes_from_the_post_code_not_from_merged_cells() -> None:
    assert row(KIND, "6").institution.terc == "120704"
    assert codes_at(KIND, 9) == ["gmina_corrected"]


def test_of_several_gminy_the_town_decides_or_nothing_does() -> None:
    assert row(KIND, "7").institution.terc == "120101"
    assert codes_at(KIND, 10) == ["gmina_from_place"]
    assert row(KIND, "8").institution.terc == ""
    assert row(KIND, "8").sites[0].place == "Wymyślin"
    assert codes_at(KIND, 11) == ["gmina_uncertain"]


def test_a_slip_of_the_pen_in_a_town_is_seen_through() -> None:
    assert (row(KIND, "10").sites[0].place, row(KIND, "10").institution.terc) == ("Brzesko", "120202")
    assert codes_at(KIND, 13) == ["place_corrected", "email_in_hours"]


def test_a_torn_cell_gives_way_to_the_address_itself() -> None:
    (site,) = row(KIND, "18").sites
    assert (site.street, site.post_code, site.place, site.terc) == ("ul. Zmyślona 11", "32-095", "Iwanowice", "120603")


def test_a_village_is_told_from_the_town_of_the_same_name() -> None:
    (site,) = row(KIND, "17").sites
    assert (site.street, site.place, site.terc) == ("700", "Naprawa", "121505")


def test_contacts_are_taken_apart_and_persons_left_out() -> None:
    contacts = row(KIND, "9").contacts
    assert [(one.kind, one.value, one.extension, one.label) for one in contacts] == [
        ("phone", "12 634 42 66", "564", ""),
        ("phone", "12 634 42 67", "", ""),
        ("fax", "12 423 47 84", "", ""),
        ("mobile", "604 443 543", "", "całodobowo"),
        ("email", "pomoc@skawina.example", "", ""),
    ]
    assert codes_at(KIND, 12) == ["phone_incomplete", "email_names_person"]


def test_what_stands_in_the_wrong_cell_is_moved() -> None:
    ten = row(KIND, "10")
    assert ten.sites[0].hours_text == ""
    assert "mops@brzesko.example" in [one.value for one in ten.contacts]
    fifteen = row(KIND, "15")
    assert fifteen.institution.name == "Auxilium Próbne"
    assert "14 692 00 25" in [one.value for one in fifteen.contacts]


def test_accessibility_has_four_answers() -> None:
    answers = {id_: row(KIND, id_).sites[0].accessibility["overall"]["answer"] for id_ in ("1", "12", "10", "11")}
    assert answers == {"1": "yes", "12": "no", "10": "planned", "11": "unknown"}
    features = row(KIND, "1").sites[0].accessibility
    assert (features["induction_loop"]["answer"], features["lift"]["answer"]) == ("yes", "no")


def test_shelters_and_places_against_violence_hide_their_address() -> None:
    hidden = [one.id for one in drafts(KIND).rows if any(site.address_visibility == "staff" for site in one.sites)]
    assert hidden == ["11", "12"]
    for id_ in hidden:
        one = row(KIND, id_)
        assert one.sites[0].street not in one.text
        assert one.sites[0].precision == "gmina"


def test_what_is_refused_or_done_elsewhere_is_no_offer() -> None:
    thirteen = row(KIND, "13")
    assert [offer.form for offer in thirteen.offers] == ["inna"]
    assert thirteen.offers[0].needs == ("uzaleznienie",)
    assert "leczenie odwykowe" in thirteen.text


def test_whom_an_offer_is_not_for_is_a_condition() -> None:
    assert row(KIND, "14").offers[0].eligibility == {"note": "Nie dla osób stosujących przemoc."}


def test_an_unknown_kind_is_taken_as_other_and_said() -> None:
    assert row(KIND, "17").institution.kind == "inny"
    assert codes_at(KIND, 20) == ["unknown_value"]


def test_a_row_without_a_name_or_with_a_used_id_is_rejected() -> None:
    errors = [(one.line, one.code) for one in drafts(KIND).problems if one.severity == "error"]
    assert errors == [(23, "empty_row"), (24, "same_id")]
    assert len(drafts(KIND).rows) == 19
