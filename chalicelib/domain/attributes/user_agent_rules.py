"""Names that the user agent parser does not know, and the common names of those it knows."""

from __future__ import annotations

import re

# An app that shows the page within itself. The group is its version, where that is one.
APPS = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"\bMicroMessenger/(\d+)", "WeChat"),
        (r"\bKAKAOTALK[ /]?(\d{1,3}\b)?", "KakaoTalk"),
        (r"\bNAVER\(inapp; [^;]*; \d+; (\d+)", "NAVER"),
        (r"\bDaumApps/(\d+)", "Daum"),
        (r"\bBarcelona (\d+)", "Threads"),
        (r"\bMetaIAB Facebook", "Facebook"),
        (r"\[LinkedInApp\](?:/(\d+))?", "LinkedIn"),
        (r"\bReddit/(?:Version )?(\d+)", "Reddit"),
        (r"\bTelegram-(?:Android|iOS)/(\d+)", "Telegram"),
        (r"\bVK(?:Android|iOS)App/(\d+)", "VK"),
        (r"\bViber/(\d+)", "Viber"),
        (r"\bDiscord(?:-\w+)?/(\d+)", "Discord"),
        (r"\bZalo (?:android|iOS)", "Zalo"),
        (r"\bAlipayClient/(\d+)", "Alipay"),
        (r"\bAliApp\(TB/(\d+)", "Taobao"),
        (r"\bDingTalk/(\d+)", "DingTalk"),
        (r"\b(?:xhsdiscover|XiaoHongShu)\b", "Xiaohongshu"),
        (r"__weibo__(\d+)", "Weibo"),
        (r"\bQQ/(\d+)", "QQ"),
        (r"\bPlayStation\b", "PlayStation Browser"),
        (r"\bNintendo\b.*?(?:\bNintendoBrowser/(\d+)|\Z)", "Nintendo Browser"),
        (r"\bTizen\b.*\bSamsungBrowser/(\d+)", "Samsung Internet"),
        (r"\bTizen\b.*\bTV Safari", "Samsung Internet"),
    )
)

# The parser's family: the name here. All that is not listed keeps its family.
BROWSERS = {
    "Amazon Silk": "Silk",
    "Android": "Android Browser",
    "Baidu Explorer": "Baidu",
    "BlackBerry WebKit": "BlackBerry Browser",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile WebView": "Android WebView",
    "Chrome Mobile iOS": "Chrome",
    "Crosswalk": "Android WebView",
    "DuckDuckGo Mobile": "DuckDuckGo",
    "Ecosia Android": "Ecosia",
    "Ecosia iOS": "Ecosia",
    "Edge Mobile": "Edge",
    "Facebook Messenger": "Messenger",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Google": "Google app",
    "IE": "Internet Explorer",
    "IE Mobile": "Internet Explorer",
    "MiuiBrowser": "Mi Browser",
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari (in-app)",
    "NetFront NX": "NetFront",
    "Oculus Browser": "Meta Quest Browser",
    "Opera Mobile": "Opera",
    "Opera Touch": "Opera",
    "QQ Browser Mobile": "QQ Browser",
    "Twitter": "X (Twitter)",
    "VivoBrowser": "Vivo Browser",
    "WeChat Browser": "WeChat",
}

SYSTEMS = {
    "ATV OS X": "tvOS",
    "BlackBerry OS": "BlackBerry",
    "BlackBerry Tablet OS": "BlackBerry",
    "Chrome OS": "ChromeOS",
    "Chromecast Android": "Chromecast",
    "Chromecast Linux": "Chromecast",
    "Mac OS X": "macOS",
    "Web0S": "webOS",
    "webOS": "webOS",
    "Arch Linux": "Linux",
    "CentOS": "Linux",
    "Debian": "Linux",
    "Fedora": "Linux",
    "Gentoo": "Linux",
    "Kubuntu": "Linux",
    "Linux Mint": "Linux",
    "Mageia": "Linux",
    "Red Hat": "Linux",
    "SUSE": "Linux",
    "Slackware": "Linux",
    "Ubuntu": "Linux",
}

# The version that these send has been frozen, or is no version of theirs.
SYSTEMS_WITHOUT_VERSION = frozenset(
    {"ChromeOS", "Linux", "Nintendo", "PlayStation", "Xbox", "Chromecast"}
)

DESKTOP_SYSTEMS = frozenset(
    {"ChromeOS", "FreeBSD", "Linux", "NetBSD", "OpenBSD", "Solaris", "Windows", "macOS"}
)

CONSOLE = re.compile(r"\b(PlayStation|Nintendo|Xbox)\b")

# Headsets, watches, cars, smart speakers.
OTHER_DEVICE = re.compile(
    r"\bOculusBrowser/|\bQuest \d|\bVR Safari|\bPico\b.*\bVR\b|\bSM-R\d{3}|\bWatch ?OS\b"
    r"|\bTesla/|\bDeviceType/SmartSpeaker"
)

TELEVISION = re.compile(
    r"smart-?tv|hbbtv|google ?tv|android ?tv|apple ?tv|netcast|web0s|webos\.tv|vidaa|bravia"
    r"|viera|crkey|chromecast|\broku\b|mitv|mibox|\baft[a-z0-9]+\b|\b[ad]?tv\b",
    re.IGNORECASE,
)

# A "Tablet PC" is Windows with a pen.
TABLET = re.compile(r"\biPad\b|\bTablet(?! PC)|\bPlayBook\b|\bSilk/|\bKindle\b|\bKF[A-Z]{3,}\b")

HARMONY = re.compile(r"\b(?:Open)?Harmony(?:OS)?\b(?: (\d+))?")
FROZEN_ANDROID = re.compile(r"\bAndroid 10; K\b[;)]")
SAFARI_ON_IOS = re.compile(r"\bVersion/(\d+)[\d.]* Mobile/\w+ Safari/[\d.]+\Z")
