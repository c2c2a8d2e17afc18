from __future__ import annotations

import pytest

from chalicelib.domain.urls.site_patterns import explicit_sites, first_site, is_allowed


@pytest.mark.parametrize(
    ("site", "patterns", "taken"),
    [
        pytest.param("a.example", ["a.example"], True, id="named"),
        pytest.param("b.example", ["a.example"], False, id="another"),
        pytest.param("x.a.example", ["a.example"], False, id="below is another"),
        pytest.param("x.a.example", ["*.a.example"], True, id="below"),
        pytest.param("x.y.a.example", ["*.a.example"], True, id="far below"),
        pytest.param("a.example", ["*.a.example"], False, id="not itself"),
        pytest.param("evila.example", ["*.a.example"], False, id="not by its ending alone"),
        pytest.param("anything", ["*"], True, id="any"),
        pytest.param("verify.invalid", ["a.example"], True, id="the one that proves"),
    ],
)
def test_site(site: str, patterns: list[str], taken: bool):
    assert is_allowed(site, patterns) is taken


def test_first_site_is_used_for_events_without_a_page():
    assert first_site(["b.example", "a.example"]) == "b.example"
    assert first_site(["*"]) == "default"


def test_explicit_sites_exclude_patterns():
    assert explicit_sites(["*.a.example", "a.example", "*"]) == ["a.example"]
