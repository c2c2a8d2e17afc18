"""Events that are hard to store, find and read, as a browser or a server could send them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

# Anything JSON can spell: lone surrogates, NUL, bidi marks, combining marks, emoji, and what a
# filter, a CSV file or a spreadsheet gives a meaning.
HARD = (
    "\ud800",
    "\x00",
    "\u202eevil\u202c",
    "e\u0301",
    "👩‍👩‍👧",
    "𐍈",
    "İ",
    "ß",
    "ﬁ",
    "\u2028",
    "\u00a0",
    "a|b",
    "a;b",
    "a\\",
    "\\;",
    "==",
    "!~x",
    "=~",
    "a,b",
    '"',
    "'",
    '"a";"b"',
    "=1+1",
    "@x",
    "-1",
    "＝1",
    "\t=1",
    "\r\n",
    "(other)",
    "null",
    "true",
    " x ",
    "%41",
    "%zz",
    "%",
    "%ED%95%9C",
    "%2F",
)
characters = st.characters(categories=("L", "M", "N", "P", "S", "Z", "C"))
texts = st.sampled_from(HARD) | st.text(characters, max_size=12)
maybe_text = st.none() | texts | texts.map(lambda text: text * 500)

HOSTS = (
    "example.com",
    "EXAMPLE.com.",
    "www.example.com",
    "www.www.example.com",
    "user:p%40ss@example.com",
    "example.com:8080",
    "[2001:db8::7]",
    "[2001:DB8:0::7]:8080",
    "[::1]",
    "[::ffff:1.2.3.4]",
    "127.0.0.1",
    "localhost",
    "xn--fa-hia.example",
    "faß.example",
    "bücher.example",
    "한국.kr",
    "a_b.example",
    "www.com",
    "1.example",
    "a-.example",
    "x" * 63 + ".example",
)
PATHS = (
    "",
    "/",
    "//",
    "/a//b",
    "/a;v=1",
    "/a|b",
    "/a\\b",
    "/a=b",
    "/'\"",
    "/%ED%95%9C%EA%B5%AD",
    "/%ed%95%9c",
    "/caf%C3%A9",
    "/caf%c3%a9",
    "/%",
    "/%zz",
    "/%2",
    "/%FF",
    "/%00",
    "/a%2Fb",
    "/a%3Fb",
    "/a%23b",
    "/a%7Cb",
    "/a%5Cb",
    "/a b",
    "/a%20b",
    "/a+b",
    "/한국/**",
    "/..",
    "/./a",
    "/a/../b",
    "/a,b",
    "/🙂",
    "/a:b@c",
    "/x" + "y" * 1_900,
)
QUERIES = (
    "",
    "?",
    "?a=1",
    "?utm_source=a%7Cb&utm_medium=%3B",
    "?utm_source=%ED%95%9C",
    "?utm_campaign=%FF%zz",
    "?utm_term=+a+&utm_content=%00",
    "?ref=producthunt",
    "?source=%20x",
    "?gclid=1",
    "?utm_source=%5C",
    "#a=b",
)


@st.composite
def urls(draw: st.DrawFn, hosts: st.SearchStrategy[str]) -> str:
    path = draw(st.sampled_from(PATHS) | texts.map(lambda text: f"/{text}"))
    return (
        draw(st.sampled_from(["https", "http", "HTTPS"]))
        + f"://{draw(hosts)}{path}{draw(st.sampled_from(QUERIES))}"
    )


numbers = st.sampled_from(
    [0, -0.0, 1, 1.0, 1.5, -1, 1e308, -1e308, 5e-324, 2**53 + 1, 2**63, 10**300, 0.1 + 0.2]
)
values = st.recursive(
    st.none() | st.booleans() | numbers | maybe_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
props = st.dictionaries(
    texts | st.sampled_from(["price, EUR", "a=b", "x" * 301]), values, max_size=4
)
event_types = st.sampled_from(["page_view"] * 4 + ["signup", "outbound_link"]) | st.text(
    characters, min_size=1, max_size=120
)
ids = st.text(characters, min_size=1, max_size=128) | st.sampled_from(
    ["ann", "a?b#c", "%41", "a b", ".."]
)
times: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{"age": age} for age in (0, 0, 0, 0.5, -1, 86_400_000, 86_400_001, 1e308)]
    + [{"timestamp": timestamp} for timestamp in (0, -1, 1e308, 10**400)]
)


@st.composite
def events(draw: st.DrawFn, hosts: st.SearchStrategy[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "event_type": draw(event_types),
        "page_url": draw(urls(hosts)),
        **draw(times),
    }
    optional = {
        "referrer": maybe_text | urls(st.sampled_from(HOSTS)),
        "title": maybe_text,
        "language": maybe_text,
        "screen": maybe_text,
        "timezone": maybe_text | st.sampled_from(["Europe/Berlin", "../etc/passwd"]),
        "user_id": ids,
        "props": props | values,
        "event_id": ids,
        "engaged_ms": st.sampled_from([0, 1.5, 1e308]),
        "scroll_depth": st.sampled_from([0, 99.9, 100]),
    }
    for name in draw(st.lists(st.sampled_from(sorted(optional)), unique=True, max_size=6)):
        fields[name] = draw(optional[name])
    return fields


@st.composite
def engagement_of(draw: st.DrawFn, body: dict[str, Any]) -> dict[str, Any]:
    """Draw engagement as a tracker reports it, also for events that are not page views."""
    return {
        "event_type": "engagement",
        "event_id": body["event_id"],
        "page_url": body["page_url"],
        "engaged_ms": draw(st.sampled_from([0, 1.5, 12_000, 1e308])),
        "scroll_depth": draw(st.sampled_from([0, 50, 100])),
        **draw(times),
    }
