"""International hostnames are shown in their own script, unless they could deceive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.attributes.source import classify_source
from chalicelib.domain.query.dimensions import parse_dimension
from chalicelib.domain.urls.hostname import clean_hostname
from chalicelib.domain.urls.readable_host import readable_host


@pytest.mark.parametrize(
    "name",
    ["bücher.example", "faß.example", "www.한국.example", "日本語.jp", "банк.example",
     "ひらがなとkanji漢字.example", "россия.example", "ελλάδα.example",
     "việtnam.example", "עברית.example", "مثال.example",
     "उदाहरण.example", "ไทย.example", "հայաստան.example", "krąg-2.example", "中文abc.example",
     "한국korea.example", "كتاب.مثال"],
)  # fmt: skip
def test_names_in_one_script_are_shown(name: str):
    ascii_form = clean_hostname(name)

    assert ascii_form.startswith(("xn--", "www.xn--"))
    assert readable_host(ascii_form) == name
    assert classify_source(f"https://{ascii_form}/").name == name.removeprefix("www.")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("аррӏе.example", id="Cyrillic that looks Latin"),
        pytest.param("раураӏ.example", id="Cyrillic that looks Latin, too"),
        pytest.param("gооgle.example", id="Latin and Cyrillic"),
        pytest.param("gοοgle.example", id="Latin and Greek"),
        pytest.param("ονοκ.example", id="Greek that looks Latin"),
        pytest.param("ոսօ.example", id="Armenian that looks Latin"),
        pytest.param("ɡoogle.example", id="phonetic letter"),
        pytest.param("paypaı.example", id="dotless i"),
        pytest.param("comノpath.example", id="looks like a slash"),
        pytest.param("a一b.example", id="looks like a dash"),
        pytest.param("☃.example", id="sign"),
        pytest.param("💩.example", id="emoji"),
        pytest.param("ᎪᏴ.example", id="script of few"),
        pytest.param("a١.example", id="digits of another script"),
        pytest.param("q\u0307.example", id="mark on a Latin letter"),
    ],
)
def test_confusable_names_stay_in_ascii(name: str):
    ascii_form = clean_hostname(name)

    assert "xn--" in ascii_form
    assert readable_host(ascii_form) == ascii_form


@pytest.mark.parametrize(
    "text",
    ["", "example.com", "2001:db8::7", "xn--", "xn--.example", "xn--a.example", "(other)",
     "Google", "xn--example.com", "xn--fass-.example", "XN--BCHER-KVA.example", "xn--\ud800"],
)  # fmt: skip
def test_other_texts_are_unchanged(text: str):
    assert readable_host(text) == text


@given(st.text() | st.text("xn--abc-.éñ0123456789", max_size=30).map("xn--{}".format))
def test_decoding_twice_changes_nothing(text: str):
    assert readable_host(readable_host(text)) == readable_host(text)


def test_filters_accept_either_form():
    for name in ("hostname", "source"):
        assert "bücher.example" in parse_dimension(name).forms_of("xn--bcher-kva.example")
        assert "bücher.example" in parse_dimension(name).forms_of("bücher.example")
