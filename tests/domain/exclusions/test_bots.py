from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from is_bot import Bots

from chalicelib.domain.exclusions.bots import is_bot
from tests.domain.user_agents import BOTS, BROWSERS


@pytest.mark.parametrize("user_agent", BOTS.values(), ids=BOTS)
def test_bot_is_detected(user_agent):
    assert is_bot(user_agent)


@pytest.mark.parametrize("user_agent", [agent for agent, _ in BROWSERS.values()], ids=BROWSERS)
def test_person_is_not_detected_as_a_bot(user_agent):
    assert not is_bot(user_agent)


@pytest.mark.parametrize("user_agent", [None, "", "   ", "\t"])
def test_missing_user_agent_is_a_bot(user_agent):
    assert is_bot(user_agent)


@pytest.mark.parametrize(
    "name",
    ["Alipay", "LG television", "Cubot, a phone", "Pixel named Google", "DuckDuckGo on a Mac"],
)
def test_browser_names_with_bot_words_are_not_bots(name):
    assert not is_bot(BROWSERS[name][0])


CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/117.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    "device",
    ["Android 7.0; M bot 60 Build/NRD90M; wv", "Android 7.0; M bot 60",
     "Android 7.0; M bot tab 100 Build/NRD90M",
     "U; Android 4.4.2; en-US; M_bot_54 Build/KOT49H",
     "Android 11; CUBOT_NOTE_S", "Android 11; CUBOT NOTE 20 PRO Build/RP1A.200720.011",
     "Android 9; ScanPal EDA50 Build/PKQ1", "Android 9; ScanPal EDA50",
     "Android 5.1; NEWSMY-S8 Build/LMY47I", "Android 12; Black Spider X1 Build/SP1A",
     "Android 10; Node 5 Pro Build/QP1A", "Android 8.1.0; Server Tools 3 Build/O11019"],
)  # fmt: skip
def test_device_name_does_not_make_a_bot(device):
    assert not is_bot(f"Mozilla/5.0 (Linux; {device}) {CHROME}")


def test_app_may_repeat_the_device_name():
    app = "Instagram 300.0.0 Android (24/7.0; 320dpi; 720x1184; M bot 60; M_bot_60; mt6580)"

    assert not is_bot(
        f"Mozilla/5.0 (Linux; Android 7.0; M bot 60 Build/NRD90M; wv) {CHROME} {app}"
    )


@pytest.mark.parametrize(
    "user_agent",
    [
        f"Mozilla/5.0 (Linux; Android 7.0; Examplebot Build/NRD90M) {CHROME}",
        f"Mozilla/5.0 (Linux; Android 7.0; Googlebot) {CHROME}",
        f"Mozilla/5.0 (Linux; Android 7.0; My Examplebot 2) {CHROME}",
        f"Mozilla/5.0 (Linux; Android 7.0; Bytespider Build/X) {CHROME}",
        f"Mozilla/5.0 (Linux; Android 7.0; Example Crawler 1.0 Build/X) {CHROME}",
        f"Mozilla/5.0 (Linux; Android 7.0; bot) {CHROME}",
        f"Mozilla/5.0 (Linux; Android 7.0; spider) {CHROME}",
        f"Mozilla/5.0 (Linux; Android 7.0; www.example.com bot Build/X) {CHROME}",
        f"Mozilla/5.0 (Linux; Android 7.0; M bot 60 Build/X) {CHROME} (compatible; bingbot)",
        f"Mozilla/5.0 (Linux; Android 7.0; M bot 60 Build/X; Examplebot) {CHROME}",
        f"Mozilla/5.0 (Linux; Android 7.0; M bot 60 Build/X) {CHROME} Bot/1.0",
    ],
)
def test_bot_with_a_device_name_is_a_bot(user_agent):
    assert is_bot(user_agent)


def test_download_manager_is_a_bot():
    assert is_bot("Free Download Manager/6.19")
    assert is_bot(
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Safari/537.36 LinkManager"
    )


def test_bots_of_the_package_are_bots_with_listed_exceptions():
    package = Bots()
    for user_agent in [agent for agent, _ in BROWSERS.values()] + list(BOTS.values()):
        if package.is_bot(user_agent) and not is_bot(user_agent):
            # The only ones let off, each for the words named beside the exception.
            words = ("WebAppManager", "AlipayClient", "M bot 60")
            assert any(word in user_agent for word in words)


def test_only_the_start_of_a_long_user_agent_is_read():
    assert not is_bot(BROWSERS["Chrome on Linux"][0] + " x" * 1000 + " Googlebot")


@given(st.text() | st.text("mozila/5.0 (;+:@w.)bt", max_size=300))
def test_any_text_gives_an_answer(user_agent):
    assert is_bot(user_agent) in (True, False)
