"""Paths are decoded where that is unambiguous."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.urls.paths import path_forms, readable_path, readable_path_part


@pytest.mark.parametrize(
    ("sent", "readable"),
    [
        pytest.param("/", "/", id="root"),
        pytest.param("/Blog/a-b_c.html", "/Blog/a-b_c.html", id="plain"),
        pytest.param("/%ED%95%9C%EA%B5%AD%EC%96%B4", "/한국어", id="Hangul"),
        pytest.param("/caf%C3%A9", "/café", id="capital digits"),
        pytest.param("/caf%c3%a9", "/café", id="small digits"),
        pytest.param("/café", "/café", id="as it is"),
        pytest.param("/%F0%9F%91%A8%E2%80%8D%F0%9F%92%BB", "/👨‍💻", id="emoji with a joiner"),
        pytest.param("/%E2%80%8C%DB%8C", "/\u200cی", id="Persian joiner"),
        pytest.param("/%61%7Eb/a%20b", "/a~b/a b", id="letters and spaces"),
        pytest.param("/a+b", "/a+b", id="plus is a plus"),
        pytest.param("/%22%3C%3E%3B%26", '/"<>;&', id="signs"),
        pytest.param("/a%2fb%3f%23%25%5c", "/a%2Fb%3F%23%25%5C", id="signs with a meaning"),
        pytest.param("/%252F", "/%252F", id="encoded twice"),
        pytest.param("/100%", "/100%25", id="lone percent"),
        pytest.param("/%zz%4", "/%25zz%254", id="half an escape"),
        pytest.param("/%%34%31", "/%2541", id="percent before decoded digits"),
        pytest.param("/%e4%bd", "/%E4%BD", id="half a character"),
        pytest.param("/caf%e9/%C3%A9", "/caf%E9/é", id="another encoding"),
        pytest.param("/%ed%a0%80%c0%af", "/%ED%A0%80%C0%AF", id="never UTF-8"),
        pytest.param("/%00%0a%7f%C2%85", "/%00%0A%7F%C2%85", id="control characters"),
        pytest.param("/\x00\x7f\u202e", "/%00%7F%E2%80%AE", id="control characters, raw"),
        pytest.param("/%E2%80%AEx%EF%BB%BF", "/%E2%80%AEx%EF%BB%BF", id="direction, mark"),
        pytest.param("/a%C2%A0%E3%80%80b", "/a%C2%A0%E3%80%80b", id="other spaces"),
        pytest.param("/a%20%20", "/a%20%20", id="spaces at the end"),
        pytest.param("/a ", "/a%20", id="raw space at the end"),
        pytest.param("/\ud800", "/%ED%A0%80", id="half a character, raw"),
        pytest.param("", "", id="empty"),
        pytest.param("(other)", "(other)", id="no path"),
    ],
)
def test_readable_form_of_a_path(sent: str, readable: str):
    assert readable_path(sent) == readable


pieces = st.sampled_from([*"%%%%0123456789abcdefABCDEF/?#\\ é한\u200d\u202e\x00", "%ed", "%95"])
hard_paths = st.lists(pieces, max_size=12).map("".join) | st.text()


@given(hard_paths)
def test_decoding_twice_changes_nothing(path: str):
    assert readable_path(readable_path(path)) == readable_path(path)


@given(hard_paths.filter(lambda path: path.isprintable()))
def test_readable_form_encodes_to_the_same_bytes(path: str):
    """Two pages never become one. A single percent sign represents itself."""
    assert unquote_to_bytes(readable_path(path)) == unquote_to_bytes(path)


@given(hard_paths, hard_paths)
def test_separators_are_neither_added_nor_lost(one: str, other: str):
    for separator in "/?#\\":
        assert readable_path(one).count(separator) == one.count(separator)
    assert len(readable_path(f"{one}/{other}").split("/")) == len(f"{one}/{other}".split("/"))


@given(st.binary(max_size=20), st.booleans())
def test_case_of_hex_digits_does_not_matter(content: bytes, are_capital: bool):
    encoded = "".join(f"%{byte:02X}" for byte in content)

    assert readable_path(f"/{encoded}") == readable_path(f"/{encoded.lower()}")


@given(hard_paths, hard_paths)
def test_part_of_a_path_matches_the_whole(start: str, end: str):
    """Parts do not cut an escape sequence or a character in two."""
    whole = readable_path(f"/{start}-{end}")

    assert readable_path_part(f"/{start}-") in whole
    assert readable_path(f"-{end}") in whole


def test_incomplete_escape_can_be_searched():
    assert "%2" in path_forms("%2")
    assert " a" in path_forms("%20a")
    assert "a " in path_forms("a%20")
