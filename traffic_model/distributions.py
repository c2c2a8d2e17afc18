"""The distributions of the modelled traffic: values with weights, in any unit.

The shop and its pages are invented; the distributions follow published statistics:

    devices, browsers, screens   StatCounter Global Stats, worldwide, rounded
    search engines               the same
    channels                     about half from search, as in BrightEdge's channel reports
    pages                        Zipf-like with exponent 0.75: Breslau et al., "Web Caching and
                                 Zipf-like Distributions" (1999), found 0.64 to 0.83
    countries                    Zipf's law of rank and size, exponent 1; order invented
"""

from __future__ import annotations

from dataclasses import dataclass

PAGE_EXPONENT = 0.75


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser on one kind of device."""

    user_agent: str
    device: str  # "desktop", "mobile", "tablet"


@dataclass(frozen=True, slots=True)
class Country:
    """`utc_offset` is in hours, of winter time; the hour of a session depends on it."""

    code: str
    language: str
    timezone: str
    utc_offset: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a session comes from, and the properties that follow.

    `bounce_rate` is that of its sessions. `when` names its shape in time (arrival_times).
    """

    name: str
    referrer: str | None
    bounce_rate: float
    entry: str  # "home", "article", "shop": the kind of page it leads to
    query: str = ""
    when: str = "usual"


def _mozilla(platform: str, rest: str) -> str:
    return f"Mozilla/5.0 ({platform}) {rest}"


_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WINDOWS = "Windows NT 10.0; Win64; x64"
_MAC = "Macintosh; Intel Mac OS X 10_15_7"
_ANDROID = "Linux; Android 10; K"
_IPHONE = "iPhone; CPU iPhone OS 18_6 like Mac OS X"

DEVICES = [("mobile", 58), ("desktop", 39), ("tablet", 3)]

BROWSERS: dict[str, list[tuple[str, float]]] = {
    "desktop": [
        (_mozilla(_WINDOWS, f"{_BLINK} Safari/537.36"), 49),
        (_mozilla(_MAC, f"{_BLINK} Safari/537.36"), 13),
        (_mozilla(_WINDOWS, f"{_BLINK} Safari/537.36 Edg/142.0.0.0"), 13),
        (_mozilla(_MAC, f"{_WEBKIT} Version/18.6 Safari/605.1.15"), 9),
        (_mozilla(f"{_WINDOWS}; rv:144.0", "Gecko/20100101 Firefox/144.0"), 5),
        (_mozilla("X11; Linux x86_64", f"{_BLINK} Safari/537.36"), 4),
        (_mozilla(_WINDOWS, f"{_BLINK} Safari/537.36 OPR/124.0.0.0"), 3),
        (_mozilla("X11; Linux x86_64; rv:144.0", "Gecko/20100101 Firefox/144.0"), 2),
        (_mozilla("X11; CrOS x86_64 14541.0.0", f"{_BLINK} Safari/537.36"), 2),
    ],
    "mobile": [
        (_mozilla(_ANDROID, f"{_BLINK} Mobile Safari/537.36"), 63),
        (_mozilla(_IPHONE, f"{_WEBKIT} Version/18.6 Mobile/15E148 Safari/604.1"), 25),
        (
            _mozilla(
                _ANDROID,
                "AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 "
                "Mobile Safari/537.36",
            ),
            4,
        ),
        (_mozilla(_IPHONE, f"{_WEBKIT} CriOS/142.0.7444.46 Mobile/15E148 Safari/604.1"), 4),
        (_mozilla("Android 15; Mobile; rv:144.0", "Gecko/144.0 Firefox/144.0"), 2),
        (_mozilla(_ANDROID, f"{_BLINK} Mobile Safari/537.36 OPR/92.0.0.0"), 2),
    ],
    "tablet": [
        (
            _mozilla(
                "iPad; CPU OS 17_7 like Mac OS X",
                f"{_WEBKIT} Version/17.7 Mobile/15E148 Safari/604.1",
            ),
            60,
        ),
        (_mozilla("Linux; Android 14; SM-X710", f"{_BLINK} Safari/537.36"), 40),
    ],
}

SCREENS: dict[str, list[tuple[str, float]]] = {
    "desktop": [
        ("1920x1080", 36), ("1536x864", 16), ("1366x768", 12), ("1280x720", 9), ("1440x900", 8),
        ("2560x1440", 8), ("1600x900", 6), ("3840x2160", 5),
    ],
    "mobile": [
        ("360x800", 24), ("393x873", 17), ("390x844", 16), ("414x896", 14), ("412x915", 13),
        ("430x932", 9), ("375x812", 7),
    ],
    "tablet": [("810x1080", 40), ("768x1024", 35), ("800x1280", 25)],
}  # fmt: skip

_COUNTRIES = [
    Country("DE", "de-DE", "Europe/Berlin", 1),
    Country("GB", "en-GB", "Europe/London", 0),
    Country("US", "en-US", "America/New_York", -5),
    Country("NL", "nl-NL", "Europe/Amsterdam", 1),
    Country("FR", "fr-FR", "Europe/Paris", 1),
    Country("AT", "de-AT", "Europe/Vienna", 1),
    Country("CH", "de-CH", "Europe/Zurich", 1),
    Country("SE", "sv-SE", "Europe/Stockholm", 1),
    Country("IT", "it-IT", "Europe/Rome", 1),
    Country("CA", "en-CA", "America/Toronto", -5),
    Country("PL", "pl-PL", "Europe/Warsaw", 1),
    Country("ES", "es-ES", "Europe/Madrid", 1),
    Country("IN", "en-IN", "Asia/Kolkata", 5),
    Country("AU", "en-AU", "Australia/Sydney", 11),
    Country("JP", "ja-JP", "Asia/Tokyo", 9),
    Country("BR", "pt-BR", "America/Sao_Paulo", -3),
]
COUNTRIES = [(country, 1 / rank) for rank, country in enumerate(_COUNTRIES, 1)]

# By popularity: path, title, and the kind of page that origins lead to.
PAGES: list[tuple[str, str, str]] = [
    ("/", "Larkspur: seeds for balconies", "home"),
    ("/seeds.html", "Seeds · Larkspur", "shop"),
    ("/guide.html", "The balcony guide · Larkspur", "article"),
    ("/journal/winter-salad.html", "Salad in winter · Larkspur", "article"),
    ("/planner.html", "Planner · Larkspur", "tool"),
    ("/seeds/herbs.html", "Kitchen herbs · Larkspur", "shop"),
    ("/journal/first-frost.html", "The first frost · Larkspur", "article"),
    ("/seeds/marigold.html", "Marigold mix · Larkspur", "shop"),
    ("/journal/compost-in-a-bucket.html", "Compost in a bucket · Larkspur", "article"),
    ("/seeds/salad.html", "Cut-again salad · Larkspur", "shop"),
    ("/journal/bees.html", "What bees like · Larkspur", "article"),
    ("/contact.html", "Contact · Larkspur", "tool"),
    ("/delivery.html", "Delivery · Larkspur", "tool"),
    ("/journal/tomatoes.html", "Tomatoes on the fourth floor · Larkspur", "article"),
    ("/about.html", "Who we are · Larkspur", "tool"),
    ("/journal/lavender.html", "Lavender, dried · Larkspur", "article"),
]

_SHOP_CAMPAIGN = "utm_source=google&utm_medium=cpc&utm_campaign=herbs&gclid=demo"
_NEWSLETTER = "utm_source=newsletter&utm_medium=email&utm_campaign="

ORIGINS: list[tuple[Origin, float]] = [
    (Origin("google", "https://www.google.com/", 0.44, "article"), 40.0),
    (Origin("bing", "https://www.bing.com/", 0.43, "article"), 2.4),
    (Origin("duckduckgo", "https://duckduckgo.com/", 0.43, "article"), 1.4),
    (Origin("ecosia", "https://www.ecosia.org/", 0.42, "article"), 1.2),
    (Origin("direct", None, 0.40, "home"), 24.0),
    (
        Origin("newsletter", None, 0.28, "shop", f"{_NEWSLETTER}november", "newsletter"),
        6.0,
    ),
    (Origin("ad", "https://www.google.com/", 0.48, "shop", _SHOP_CAMPAIGN), 4.0),
    (Origin("instagram", "https://l.instagram.com/", 0.62, "shop"), 3.0),
    (
        Origin(
            "facebook",
            "https://l.facebook.com/",
            0.60,
            "article",
            "utm_source=facebook&utm_medium=social&utm_campaign=autumn",
        ),
        2.4,
    ),
    (
        Origin("reddit", "https://www.reddit.com/r/gardening/", 0.66, "article", "", "thread"),
        4.6,
    ),
    (Origin("pinterest", "https://www.pinterest.com/", 0.58, "article"), 1.4),
    (Origin("chatgpt", "https://chatgpt.com/", 0.38, "article", "utm_source=chatgpt.com"), 2.6),
    (Origin("perplexity", "https://www.perplexity.ai/", 0.38, "article"), 0.6),
    (
        Origin("hacker news", "https://news.ycombinator.com/", 0.68, "article", "", "thread"),
        1.2,
    ),
    (Origin("github", "https://github.com/", 0.45, "home"), 0.8),
    (Origin("youtube", "https://www.youtube.com/", 0.55, "article"), 1.2),
    (Origin("blog", "https://blog.balcony-gardeners.example/five-shops", 0.36, "home"), 1.8),
    (Origin("forum", "https://forum.allotments.example/t/seeds/481", 0.41, "shop"), 1.4),
]
