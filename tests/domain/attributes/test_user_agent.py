from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.attributes.device import Device
from chalicelib.domain.attributes.user_agent import parse_user_agent
from tests.domain.user_agents import BOTS, BROWSERS

DEVICES = {"desktop", "mobile", "tablet", "tv", "console", "other", None}


@pytest.mark.parametrize(("user_agent", "device"), BROWSERS.values(), ids=BROWSERS)
def test_device(user_agent, device):
    assert parse_user_agent(user_agent) == Device(*device)


@pytest.mark.parametrize(
    ("system", "version"),
    [
        pytest.param("Windows NT 10.0; Win64; x64", ("Windows", "10"), id="10 or 11"),
        pytest.param("Windows NT 6.3", ("Windows", "8.1"), id="8.1"),
        pytest.param("Windows NT 6.0", ("Windows", "Vista"), id="a name"),
        pytest.param("Macintosh; Intel Mac OS X 10_15_7", ("macOS", "10.15"), id="frozen"),
        pytest.param("Macintosh; Intel Mac OS X 10_9_5", ("macOS", "10.9"), id="older macOS"),
        pytest.param("Macintosh; Intel Mac OS X 14_6", ("macOS", "14"), id="newer macOS"),
        pytest.param("Linux; Android 14; Pixel 8", ("Android", "14"), id="Android"),
        pytest.param("Linux; Android 8.1.0; X", ("Android", "8"), id="Android with a minor"),
        pytest.param("Linux; Android 10; K", ("Android", None), id="reduced"),
        pytest.param("Linux; Android 10; SM-A505FN", ("Android", "10"), id="truly 10"),
        pytest.param("X11; Linux x86_64", ("Linux", None), id="Linux"),
        pytest.param("X11; CrOS x86_64 14541.0.0", ("ChromeOS", None), id="frozen ChromeOS"),
    ],
)
def test_operating_system_version(system, version):
    device = parse_user_agent(
        f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/109.0.0.0 Mobile Safari/537.36"
    )

    assert (device.os, device.os_version) == version


@pytest.mark.parametrize(
    ("sent", "safari", "version"),
    [
        pytest.param("17_5", "17.5", "17", id="before the freeze"),
        pytest.param("18_6", "26.0", "26", id="frozen at 18"),
        pytest.param("18_7", "27.1", "27", id="and later"),
        pytest.param("18_5", "18.5", "18", id="truly 18"),
    ],
)
def test_safari_version_replaces_the_hidden_ios_version(sent, safari, version):
    device = parse_user_agent(
        f"Mozilla/5.0 (iPhone; CPU iPhone OS {sent} like Mac OS X) AppleWebKit/605.1.15 "
        f"(KHTML, like Gecko) Version/{safari} Mobile/15E148 Safari/604.1"
    )

    assert (device.os, device.os_version) == ("iOS", version)


@pytest.mark.parametrize("user_agent", [None, "", "  ", "?", "Mozilla/5.0", "x" * 5000])
def test_unknown_user_agent_gives_none(user_agent):
    assert parse_user_agent(user_agent) == Device()


def test_tablet_pc_is_a_desktop():
    device = parse_user_agent(
        "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; Tablet PC 2.0; rv:11.0) like Gecko"
    )

    assert device.device == "desktop"


def test_importing_the_module_does_not_import_the_parser():
    module = "chalicelib.domain.attributes.user_agent"
    code = f"import sys, {module}; print('user_agents' in sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout

    assert printed.strip() == "False"


def test_bot_user_agents_raise_no_error():
    for user_agent in BOTS.values():
        assert parse_user_agent(user_agent).device in DEVICES


PARTS = [
    *("Mozilla/5.0 ", "(iPhone; ", "CPU OS 18_5 ", "(Macintosh; Intel Mac OS X 10_15_7) "),
    *("iPad; ", "Android 10; K) ", "Version/26.1 ", "Mobile/15E148 ", "Safari/604.1"),
    *("CriOS/142 ", "Tizen 5.0 ", "TV ", "Harmony 4 ", "Windows NT 10.0 ", "Chrome/² "),
    *("Version/٣ ", "Nintendo ", "; ", "/", "9"),
]


@settings(deadline=None)  # the first call imports the parser
@given(st.text() | st.lists(st.sampled_from(PARTS)).map("".join))
def test_any_text_gives_known_types_and_short_names(user_agent):
    device = parse_user_agent(user_agent)

    assert device.device in DEVICES
    for text in (device.browser, device.browser_version, device.os, device.os_version):
        assert text is None or 0 < len(text) <= 40
