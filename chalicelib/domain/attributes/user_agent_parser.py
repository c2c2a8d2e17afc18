"""Parses a user agent with user-agents-ng, and corrects the result.

Slow to import: only `user_agent.parse_user_agent` imports it, on its first call.
"""

from __future__ import annotations

from user_agents import UserAgent, parse

from chalicelib.domain.attributes import user_agent_rules as names
from chalicelib.domain.attributes.device import Device
from chalicelib.domain.exclusions.phone_name import mask_phone_name

MAX_NAME_CHARACTERS = 40
MAX_VERSION_CHARACTERS = 8
MIN_IPADOS_VERSION = 13


def detect_device(text: str) -> Device:
    agent = parse(text)
    browser, browser_version = _browser(text, agent)
    system = _system(text, agent)
    return Device(
        browser=browser,
        browser_version=browser_version,
        os=system,
        os_version=_system_version(text, agent, system),
        device=_device_type(text, agent, system),
    )


def _browser(text: str, agent: UserAgent) -> tuple[str | None, str | None]:
    """Return name and major version; in an app, those of the app."""
    for pattern, app in names.APPS:
        match = pattern.search(text)
        if match:
            return app, match[1] if pattern.groups else None
    browser = agent.browser
    unnamed = mask_phone_name(text)
    if browser.family in text and browser.family not in unnamed:  # an "M bot 60" is a phone
        browser = parse(unnamed).browser
    if browser.family == "Other":
        return None, None
    family = browser.family
    return names.BROWSERS.get(family, family)[:MAX_NAME_CHARACTERS], _major_version(
        browser.version
    )


def _system(text: str, agent: UserAgent) -> str | None:
    console = names.CONSOLE.search(text)
    if console:
        return console[1]
    if names.HARMONY.search(text):
        return "HarmonyOS"
    family = agent.os.family
    if family == "iOS" and _is_ipad(agent):
        return "iPadOS"
    return (
        None if family == "Other" else names.SYSTEMS.get(family, family)[:MAX_NAME_CHARACTERS]
    )


def _is_ipad(agent: UserAgent) -> bool:
    """Browsers on an iPad claim to be a Mac by default, on an iPhone on demand."""
    if agent.device.family == "Mac":
        return True
    return (
        agent.device.family == "iPad"
        and _number(_major_version(agent.os.version)) >= MIN_IPADOS_VERSION
    )


def _system_version(text: str, agent: UserAgent, system: str | None) -> str | None:
    version = agent.os.version
    if system is None or system in names.SYSTEMS_WITHOUT_VERSION:
        return None
    if system == "HarmonyOS":
        match = names.HARMONY.search(text)
        return match[1] if match else None
    if system == "Android" and names.FROZEN_ANDROID.search(text):
        return None
    if system in ("iOS", "iPadOS"):
        safari = names.SAFARI_ON_IOS.search(text)
        return max(_major_version(version), safari[1] if safari else None, key=_number)
    if system == "Windows" or (system == "macOS" and version[:1] == (10,)):
        return ".".join(str(part) for part in version[:2])[:MAX_VERSION_CHARACTERS] or None
    return _major_version(version)


def _device_type(text: str, agent: UserAgent, system: str | None) -> str | None:
    if names.CONSOLE.search(text):
        return "console"
    if names.OTHER_DEVICE.search(text):
        return "other"
    if names.TELEVISION.search(text):
        return "tv"
    if names.TABLET.search(text) or agent.is_tablet or system == "iPadOS":
        return "tablet"
    if agent.is_mobile or system in ("KaiOS", "HarmonyOS"):
        return "mobile"
    return "desktop" if agent.is_pc or system in names.DESKTOP_SYSTEMS else None


def _major_version(version: tuple[int | str, ...]) -> str | None:
    return str(version[0])[:MAX_VERSION_CHARACTERS] if version else None


def _number(version: str | None) -> int:
    return int(version) if version and version.isdecimal() else 0
