from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from is_bot import Bots

from chalicelib.domain.bots import is_bot
from tests.domain.user_agents import BOTS, BROWSERS


@pytest.mark.parametrize("user_agent", BOTS.values(), ids=BOTS)
def test_a_bot_is_found(user_agent):
    assert is_bot(user_agent)


@pytest.mark.parametrize("user_agent", [agent for agent, _ in BROWSERS.values()], ids=BROWSERS)
def test_a_person_is_not_taken_for_a_bot(user_agent):
    assert not is_bot(user_agent)


@pytest.mark.parametrize("user_agent", [None, "", "   ", "\t"])
def test_nobody_browses_without_a_user_agent(user_agent):
    assert is_bot(user_agent)


@pytest.mark.parametrize(
    "name",
    ["Alipay", "LG television", "Cubot, a phone", "Pixel named Google", "DuckDuckGo on a Mac"],
)
def test_words_of_bots_in_names_of_browsers_do_not_deceive(name):
    assert not is_bot(BROWSERS[name][0])


def test_a_manager_of_downloads_stays_a_bot():
    assert is_bot("Free Download Manager/6.19")
    assert is_bot(
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Safari/537.36 LinkManager"
    )


def test_what_is_asked_in_three_parts_is_what_the_package_says_at_once():
    package = Bots()
    for user_agent in [agent for agent, _ in BROWSERS.values()] + list(BOTS.values()):
        if package.is_bot(user_agent) and not is_bot(user_agent):
            # The only ones let off, each for the words named beside the exception.
            assert "WebAppManager" in user_agent or "AlipayClient" in user_agent


def test_only_the_beginning_of_an_endless_agent_is_read():
    assert not is_bot(BROWSERS["Chrome on Linux"][0] + " x" * 1000 + " Googlebot")


@given(st.text() | st.text("mozila/5.0 (;+:@w.)bt", max_size=300))
def test_any_text_is_answered(user_agent):
    assert is_bot(user_agent) in (True, False)
