from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.attributes.location import (
    MAX_CITY_CHARACTERS,
    country_from_timezone,
    location_from_headers,
)
from chalicelib.domain.collection.event import Location


def headers(country: str = "DE", region: str = "", city: str = "") -> dict[str, str]:
    named = {
        "CloudFront-Viewer-Country": country,
        "CloudFront-Viewer-Country-Region": region,
        "CloudFront-Viewer-City": city,
    }
    return {name: value for name, value in named.items() if value}


@pytest.mark.parametrize(
    ("given_headers", "place"),
    [
        pytest.param({}, Location(), id="no header"),
        pytest.param(headers("DE"), Location("DE"), id="country alone"),
        pytest.param(
            headers("DE", "BE", "Berlin"), Location("DE", "DE-BE", "Berlin"), id="all three"
        ),
        pytest.param(
            headers("de", "be", "Berlin"), Location("DE", "DE-BE", "Berlin"), id="small letters"
        ),
        pytest.param(
            {"cloudfront-viewer-country": "FR", "CLOUDFRONT-VIEWER-CITY": "Paris"},
            Location("FR", None, "Paris"),
            id="names in any case",
        ),
        pytest.param(headers("US", "CA"), Location("US", "US-CA"), id="region of letters"),
        pytest.param(
            headers("AT", "9", "Vienna"),
            Location("AT", "AT-9", "Vienna"),
            id="region of a digit",
        ),
        pytest.param(
            headers("FR", "IDF"), Location("FR", "FR-IDF"), id="region of three letters"
        ),
        pytest.param(
            headers("GB", "GB-ENG"), Location("GB", "GB-ENG"), id="region with its country"
        ),
        pytest.param(headers("XK"), Location("XK"), id="Kosovo"),
        pytest.param(headers("BV"), Location("BV"), id="a country without a time zone"),
        pytest.param(headers("", "BE", "Berlin"), Location(), id="no country, no place"),
        pytest.param(headers("ZZ", "BE", "Berlin"), Location(), id="unassigned country"),
        pytest.param(headers("T1"), Location(), id="an anonymizer, not a country"),
        pytest.param(headers("Germany"), Location(), id="a name, not a code"),
        pytest.param(headers("D\u0130"), Location(), id="a letter beyond ASCII"),
        pytest.param(headers("DE", "BERLIN"), Location("DE"), id="region too long"),
        pytest.param(headers("DE", "<b>"), Location("DE"), id="region of signs"),
    ],
)
def test_location_from_headers(given_headers, place):
    assert location_from_headers(given_headers) == place


@pytest.mark.parametrize(
    ("sent", "city"),
    [
        pytest.param("New York", "New York", id="plain"),
        pytest.param("Z%C3%BCrich", "Zürich", id="percent-encoded UTF-8"),
        pytest.param("Z%FCrich", "Zürich", id="percent-encoded Latin-1"),
        pytest.param("Zürich", "Zürich", id="Latin-1"),
        pytest.param("ZÃ¼rich", "Zürich", id="UTF-8 read as Latin-1"),
        pytest.param("Łódź", "Łódź", id="Unicode"),
        pytest.param("%E6%9D%B1%E4%BA%AC", "東京", id="no Latin letter"),
        pytest.param("Sa%CC%83o Paulo", "São Paulo", id="combined letters"),
        pytest.param("New+York", "New York", id="plus for a space"),
        pytest.param("New%20%20York ", "New York", id="spaces folded"),
        pytest.param("'s-Hertogenbosch", "'s-Hertogenbosch", id="apostrophe"),
        pytest.param("St. John's", "St. John's", id="dot"),
        pytest.param("x" * 150, "x" * MAX_CITY_CHARACTERS, id="cut"),
        pytest.param("-", None, id="a dash"),
        pytest.param("12345", None, id="no letter"),
        pytest.param("Unknown", None, id="unknown"),
        pytest.param("Ber%00lin", None, id="NUL"),
        pytest.param("Ber%1Blin", None, id="control character"),
        pytest.param("%", None, id="lone percent sign"),
    ],
)
def test_city(sent, city):
    assert location_from_headers(headers("DE", city=sent)).city == city


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        pytest.param("Europe/Berlin", "DE", id="capital"),
        pytest.param("Europe/Busingen", "DE", id="another zone of it"),
        pytest.param("America/New_York", "US", id="one of many"),
        pytest.param("America/Argentina/Ushuaia", "AR", id="three parts"),
        pytest.param("Europe/Oslo", "NO", id="link to another country's zone"),
        pytest.param("Africa/Bamako", "ML", id="link across Africa"),
        pytest.param("Atlantic/Reykjavik", "IS", id="island"),
        pytest.param("Asia/Calcutta", "IN", id="old name in Chromium"),
        pytest.param("Asia/Kolkata", "IN", id="new name"),
        pytest.param("Asia/Saigon", "VN", id="old name of a city"),
        pytest.param("Asia/Katmandu", "NP", id="old spelling"),
        pytest.param("Asia/Rangoon", "MM", id="old name of a capital"),
        pytest.param("Europe/Kiev", "UA", id="old transcription"),
        pytest.param("Europe/Kyiv", "UA", id="new transcription"),
        pytest.param("America/Buenos_Aires", "AR", id="old name without its middle"),
        pytest.param("America/Godthab", "GL", id="colonial name"),
        pytest.param("Africa/Asmera", "ER", id="old name whose link leads abroad"),
        pytest.param("Africa/Timbuktu", "ML", id="old name in Mali, linked to Ivory Coast"),
        pytest.param("Atlantic/Jan_Mayen", "SJ", id="old name linked to Berlin"),
        pytest.param("Pacific/Truk", "FM", id="old name linked to Papua"),
        pytest.param("Iceland", "IS", id="country as a name, linked to Africa"),
        pytest.param("US/Pacific", "US", id="country as an area"),
        pytest.param("US/Samoa", "AS", id="an area that is not the country"),
        pytest.param("NZ-CHAT", "NZ", id="name without an area"),
        pytest.param("GB", "GB", id="code as a name"),
        pytest.param("America/Coyhaique", "CL", id="zone of 2025"),
        pytest.param("America/Ciudad_Juarez", "MX", id="zone of 2022"),
        pytest.param("europe/berlin", "DE", id="small letters"),
        pytest.param(" Europe/Berlin ", "DE", id="spaces around"),
        pytest.param("UTC", None, id="UTC"),
        pytest.param("GMT", None, id="GMT"),
        pytest.param("Etc/UTC", None, id="Etc"),
        pytest.param("Etc/GMT+5", None, id="offset"),
        pytest.param("EST", None, id="abbreviation"),
        pytest.param("EST5EDT", None, id="rule without a place"),
        pytest.param("CET", None, id="time of half a continent"),
        pytest.param("Mars/Olympus", None, id="no such zone"),
        pytest.param("+02:00", None, id="offset in digits"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="absent"),
    ],
)
def test_country_from_time_zone(zone, country):
    assert country_from_timezone(zone) == country


def test_location_without_headers_of_the_edge_is_empty():
    assert location_from_headers({"Host": "example.com"}) == Location()


def test_every_country_with_a_time_zone_is_accepted_from_the_edge():
    for zone in ("Europe/Vaduz", "Pacific/Pitcairn", "Antarctica/Troll", "Europe/Mariehamn"):
        country = country_from_timezone(zone)
        assert country
        assert location_from_headers(headers(country)).country == country


@given(
    st.dictionaries(
        st.sampled_from(list(headers("DE", "BE", "Berlin"))), st.text(max_size=300), max_size=3
    )
)
def test_any_text_gives_a_location_within_its_limits(given_headers):
    place = location_from_headers(given_headers)

    assert place.country is None or len(place.country) == 2
    assert place.region is None or 4 <= len(place.region) <= 6
    assert place.city is None or (
        len(place.city) <= MAX_CITY_CHARACTERS and place.city.isprintable()
    )
