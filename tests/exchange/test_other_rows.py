"""Rows of RJPS and of the tables of free places."""

from datetime import date

from tests.exchange.rows import codes_at, drafts, row


def test_a_terc_code_is_believed_only_beside_its_name() -> None:
    assert row("rjps", "9001").institution.terc == "120706"
    assert codes_at("rjps", 2) == ["terc_of_another"]
    assert row("rjps", "9006").institution.terc == "120202"
    assert codes_at("rjps", 7) == ["coordinates_invalid"]


def test_the_seventh_digit_is_left_out_and_new_gminy_are_known() -> None:
    assert row("rjps", "9005").institution.terc == "120713"


def test_namesakes_of_two_powiats_are_two_institutions() -> None:
    one, other = row("rjps", "9002").institution, row("rjps", "9003").institution
    assert (one.terc, other.terc) == ("121806", "121113")
    assert not set(one.keys) & set(other.keys)


def test_a_list_of_tasks_is_no_hours_but_says_what_is_offered() -> None:
    four = row("rjps", "9004")
    assert four.sites[0].hours_text == ""
    assert [offer.form for offer in four.offers] == ["poradnictwo_ogolne", "interwencja"]
    assert all(offer.area == ("1202",) for offer in four.offers)
    assert codes_at("rjps", 5) == ["terc_of_another", "tasks_in_hours", "www_invalid"]


def test_an_unverified_row_comes_in_with_a_note() -> None:
    assert codes_at("rjps", 8) == ["unverified", "gmina_uncertain", "coordinates_rough"]
    assert row("rjps", "9007").offers[0].area == ()


def test_the_day_of_the_export_is_taken_from_the_remarks() -> None:
    assert row("rjps", "9001").as_at == date(2026, 3, 6)
    assert row("rjps", "9002").as_at is None


def test_homes_that_share_a_name_are_told_apart_by_their_street() -> None:
    names = {one.institution.name for one in drafts("capacity").rows}
    assert {
        "Dom Pomocy Społecznej w Krakowie, ul. Zmyślona 39",
        "Dom Pomocy Społecznej w Krakowie, ul. Zmyślona 41",
    } < names


def test_a_home_with_a_name_of_its_own_stays_one_when_its_address_is_rewritten() -> None:
    keys = [one.institution.keys for one in drafts("capacity").rows if "Próba" in one.institution.name]
    assert len(keys) == 2
    assert keys[0] == keys[1]


def test_numbers_are_kept_as_given() -> None:
    readings = [one.reading for one in drafts("capacity").rows]
    over = [one for one in readings if one and one.allocated and one.maximum and one.allocated > one.maximum]
    assert len(over) == 1
    assert codes_at("capacity", 5) == ["over_capacity"]
    assert codes_at("capacity", 6) == ["women_men_total"]
    assert codes_at("capacity", 7) == ["not_a_number"]
    assert [one.waiting_days for one in readings if one][3] is None
    beside = [one for one in readings if one and one.free and one.waiting]
    assert len(beside) == 2


def test_a_day_that_is_none_or_not_yet_and_a_record_told_twice_are_rejected() -> None:
    errors = [(one.line, one.code) for one in drafts("capacity").problems if one.severity == "error"]
    assert errors == [(9, "not_a_date"), (10, "date_in_future"), (11, "same_row")]


def test_the_words_of_a_kind_of_home_are_modern_and_unknown_kinds_keep_theirs() -> None:
    titles = {one.offers[0].title for one in drafts("capacity").rows}
    assert "Dom pomocy społecznej: osoby w podeszłym wieku" in titles
    assert "Dom pomocy społecznej: dla osób niezwykłych" in titles
    assert codes_at("capacity", 8) == ["unknown_value"]
