from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.exclusions.bots import is_bot
from chalicelib.domain.exclusions.common_browsers import _COMMON, is_common_browser
from tests.domain.user_agents import BOTS, BROWSERS
from traffic_model.distributions import BROWSERS as OF_VISITORS


@given(st.from_regex(_COMMON, fullmatch=True))
@settings(max_examples=500)
def test_common_browser_is_not_a_bot(user_agent: str):
    assert is_common_browser(user_agent)
    assert not is_bot(user_agent)


@pytest.mark.parametrize("user_agent", BOTS.values(), ids=BOTS)
def test_bot_is_not_a_common_browser(user_agent: str):
    assert not is_common_browser(user_agent)


@pytest.mark.parametrize("version", [10, 59, 99, 100, 142, 999])
@pytest.mark.parametrize("name", ["Chrome", "HeadlessChrome"])
def test_extra_word_is_not_a_common_browser(name: str, version: int):
    agent = (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"{name}/{version}.0.0.0 Safari/537.36"
    )

    assert is_common_browser(agent) is (name == "Chrome")
    assert not is_common_browser(f"{agent} ")
    assert not is_common_browser(f"{agent} bot")
    assert not is_common_browser(f"{agent}\n")


def test_most_visitors_have_a_common_browser():
    shares = {
        device: sum(share for agent, share in agents if is_common_browser(agent)) / 100
        for device, agents in OF_VISITORS.items()
    }

    assert shares["desktop"] == 1
    assert shares["mobile"] >= 0.9


def test_some_people_have_an_uncommon_browser():
    agents = [agent for agent, _ in BROWSERS.values()]

    assert any(is_common_browser(agent) for agent in agents)
    assert not all(is_common_browser(agent) for agent in agents)
