"""The visitors of a history: where they come from and with what. What metrics should say about
each is written beside it by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.domain.collection.event import Location
from chalicelib.domain.collection.request_client import RequestClient
from devkit import user_agent_header

SITES = ("example.com", "shop.example.org")
PATHS = ("/", "/blog", "/Blog/", "/blog/a")
EVENT_TYPES = ("signup", "outbound_link", "Signup")


class Listed:
    """Printed as its index in a list here, also in the output of hypothesis."""

    def __repr__(self) -> str:
        return f"{self.list_name}[{globals()[self.list_name].index(self)}]"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))

    @property
    def list_name(self) -> str:
        return {"Arrival": "ARRIVALS", "Person": "PEOPLE"}[type(self).__name__]


@dataclass(frozen=True)
class Agent:
    user_agent: str
    browser: str
    browser_version: str
    os: str
    os_version: str | None
    device: str


@dataclass(frozen=True, repr=False)
class Arrival(Listed):
    """How a visitor comes to the first page of a session."""

    query: str = ""
    referrer: str | None = None
    source: str | None = None
    channel: str = "Direct"
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None
    is_internal: bool = False  # the referrer is a page of the site itself


@dataclass(frozen=True, repr=False)
class Person(Listed):
    """A device at an address; `user_id` is that of the logged-in user, if any."""

    address: str
    agent: Agent
    place: Location
    language: str | None
    screen: str | None
    user_id: str | None
    name: str | None = None  # a session_id of the client's own making

    @property
    def sender(self) -> RequestClient:
        return RequestClient(self.address, self.agent.user_agent, self.place)


CHROME = Agent(
    user_agent_header.CHROME,
    "Chrome",
    "137",
    "Linux",
    None,
    "desktop",
)
SAFARI = Agent(
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Safari",
    "18",
    "iOS",
    "18",
    "mobile",
)

ARRIVALS = (
    Arrival(),
    Arrival(referrer="https://www.google.com/", source="Google", channel="Organic Search"),
    Arrival(
        referrer="https://news.ycombinator.com/item?id=1",
        source="Hacker News",
        channel="Organic Social",
    ),
    Arrival(
        "?utm_source=newsletter&utm_medium=email&utm_campaign=spring&utm_content=footer",
        source="newsletter",
        channel="Email",
        utm_source="newsletter",
        utm_medium="email",
        utm_campaign="spring",
        utm_content="footer",
    ),
    Arrival(
        "?gclid=abc&utm_term=tulips",
        "https://www.google.com/",
        "Google",
        "Paid Search",
        utm_term="tulips",
    ),
    Arrival(referrer="https://SITE/blog", is_internal=True),
)

PEOPLE = (
    Person("192.0.2.1", CHROME, Location("DE", "DE-BE", "Berlin"), "de", "1920x1080", None),
    Person("192.0.2.1", CHROME, Location("DE", "DE-BE", "Berlin"), "de", "1920x1080", "anna"),
    Person("192.0.2.2", SAFARI, Location("KR"), None, None, "anna"),
    Person("192.0.2.3", SAFARI, Location(), "en-GB", "390x844", None, "tab-7"),
)
