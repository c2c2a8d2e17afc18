"""Clicks and forms anywhere on a page: each is one event with its destination."""

from __future__ import annotations

import pytest

from .recorder import until
from .tracker_world import World, open_world

world = pytest.fixture(open_world)

# Nothing on these pages leads away.
STAY = """<script>for (const type of ['click', 'submit'])
  addEventListener(type, event => {
    const isLink = event.composedPath().some(node => /^(a|area)$/.test(node.localName))
    if (isLink || type == 'submit') event.preventDefault()
  })
</script>"""
SHADOW = """<div id=host></div><script>
  const attach = (host, html) => {
    const root = host.attachShadow({ mode: 'open' })
    root.innerHTML = html
    return root
  }
  const inner = `<a id=link href="https://other.example/x"><svg width=9 height=9><rect
      width=9 height=9></rect></svg>link</a>
    <button id=tagged data-liveinsight-event=signup>tagged</button>
    <a id=file href="/a.zip">file</a>
    <form id=form action="/send"><input id=field><button id=send>send</button></form>`
  // Nothing here leads away either: a submit does not leave the root.
  const stay = root => root.addEventListener('submit', event => event.preventDefault())
"""


def visit_shadow(world: World, *, nested: bool) -> None:
    build = "const root = attach(host, '<div></div>')\nstay(attach(root.firstChild, inner))"
    build = build if nested else "stay(attach(host, inner))"
    world.visit("/a", body=f"{STAY}{SHADOW}{build}</script>")
    world.wait_for("page_view")


@pytest.mark.parametrize("nested", [False, True])
def test_open_shadow_roots_are_part_of_the_page(world: World, nested: bool) -> None:
    visit_shadow(world, nested=nested)
    for name in ("link rect", "tagged", "file", "send"):
        world.tab.locator(f"#{name}").click()

    assert world.wait_for("outbound_link")[0]["props"] == {"url": "https://other.example/x"}
    assert world.wait_for("file_download")[0]["props"]["url"].endswith("/a.zip")
    assert world.wait_for("form_submit")[0]["props"] == {"url": f"{world.recorder.url}/send"}
    world.wait_for("signup")


def test_form_in_a_shadow_root_is_submitted_with_the_enter_key(world: World) -> None:
    visit_shadow(world, nested=True)
    world.tab.locator("#field").press("Enter")

    world.wait_for("form_submit")


def test_slotted_element_counts_once(world: World) -> None:
    world.visit(
        "/a",
        body=f"""{STAY}<div id=host><form action=/send><button id=send>send</button></form>
          <a id=link href=https://other.example/>x</a></div><script>
          host.attachShadow({{ mode: 'open' }}).innerHTML =
            '<section data-liveinsight-event=panel><slot></slot></section>'</script>""",
    )
    world.tab.click("#link")
    world.tab.click("#send")

    world.wait_for("panel", 2)
    world.wait_for("outbound_link")
    world.wait_for("form_submit")


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("<svg width=20 height=20><a {}='{url}'><rect {}/></a></svg>", id="SVG"),
        pytest.param("<svg width=20 height=20><a xlink:{}='{url}'><rect {}/></a></svg>",
                     id="SVG, xlink"),
        pytest.param("<svg width=20 height=20><a {}='{url}'><use xlink:href='#r'/></a><defs>"
                     "<rect id=r width=20 height=20 /></defs></svg>", id="SVG, use"),
        pytest.param("<map name=m><area {}='{url}' coords=0,0,20,20 shape=rect></map>"
                     "<img usemap=#m width=20 height=20 src='data:image/svg+xml,<svg "
                     "xmlns=%22http://www.w3.org/2000/svg%22/>'>", id="area"),
    ],
)  # fmt: skip
def test_links_of_every_kind_count(world: World, link: str) -> None:
    url = "https://other.example/x"
    html = link.replace("{url}", url).replace("<rect {}/>", "<rect width=20 height=20 />")
    world.visit("/a", body=STAY + html.replace("{}", "href"))
    world.wait_for("page_view")
    world.tab.mouse.click(18, 18)

    assert world.wait_for("outbound_link")[0]["props"] == {"url": url}


@pytest.mark.parametrize(
    "html",
    [
        "<label {}><span>Accept</span><input type=checkbox></label>",
        "<label {} for=box><span>Accept</span></label><input type=checkbox id=box>",
        "<div {}><label for=box><span>Accept</span></label><input type=checkbox id=box></div>",
        "<label><span>Accept</span><input type=radio {}></label>",
    ],
)
def test_click_on_a_label_is_one_event(world: World, html: str) -> None:
    world.visit("/a", body=html.replace("{}", "data-liveinsight-event=accept"))
    world.tab.click("span")
    world.tab.evaluate("liveinsight('after')")
    world.wait_for("after")
    world.wait_for("accept")
    world.tab.wait_for_timeout(50)
    world.tab.click("span")

    world.wait_for("accept", 2)


@pytest.mark.parametrize(
    ("form", "url"),
    [
        pytest.param("<form method=dialog><button>x</button></form>", None, id="dialog"),
        pytest.param("<form><button formmethod=DIALOG>x</button></form>", None,
                     id="button of a dialog"),
        pytest.param("<form action=/send><button formaction=/other>x</button></form>", "/other",
                     id="the button's address"),
        pytest.param("<form id=f action=/x></form><button form=f formaction=/other>x</button>",
                     "/other", id="button elsewhere"),
        pytest.param("<form action=/send><input name=action><input name=method value=dialog>"
                     "<button>x</button></form>", "/send", id="inputs named as attributes"),
        pytest.param("<form><button>x</button></form>", "/a", id="no address"),
    ],
)  # fmt: skip
def test_form_events_have_the_form_action(world: World, form: str, url: str | None) -> None:
    world.visit("/a", body=STAY + form)
    world.tab.click("button")
    world.tab.evaluate("liveinsight('after')")
    world.wait_for("after")

    sent = [event["props"]["url"] for event in world.recorder.events("form_submit")]
    assert sent == ([world.recorder.url + url] if url else [])


def test_form_submitted_by_a_script_without_an_event_does_not_count(world: World) -> None:
    world.recorder.page("/next")
    world.visit("/a", body="<form action=/next></form>")
    world.tab.evaluate("document.querySelector('form').submit()")

    world.wait_for_paths("/a", "/next")
    assert world.recorder.events("form_submit") == []


@pytest.mark.parametrize(
    ("page", "href", "counted"),
    [
        ("k8.example", "https://www.k8.example/x", False),
        ("www.k8.example", "https://k8.example/x", False),
        ("k8.example", "http://k8.example:8080/x", False),
        ("k8.example", "https://shop.k8.example/x", True),
        ("k8.example", "https://k8.example.org/x", True),
        ("k8.example", "slack://channel?id=1", False),
        ("k8.example", "whatsapp://send?text=x", False),
        ("k8.example", "intent://scan/#Intent;scheme=zxing;end", False),
        ("k8.example", "tel:123", False),
    ],
)
def test_own_hosts_and_app_links_are_not_outbound(
    world: World, page: str, href: str, counted: bool
) -> None:
    served = world.serve(page, f"{STAY}<a href='{href}'>x</a>")
    world.tab.click("a")
    world.tab.evaluate("liveinsight('after')")
    until(lambda: "after" in served.types, page=world.tab)

    assert ("outbound_link" in served.types) == counted


def test_properties_that_are_not_json_do_not_lose_the_event(world: World) -> None:
    world.visit(
        "/a",
        body=STAY + "<a href=https://other.example/ data-liveinsight-event=go "
        "data-liveinsight-props=\"{plan: 'pro'}\">x</a>",
    )
    warnings = world.warnings()
    world.tab.click("a")

    assert world.wait_for("go")[0].get("props") is None
    world.wait_for("outbound_link")
    assert until(lambda: warnings, page=world.tab)
    assert "data-liveinsight-props is not JSON" in warnings[0]
    assert len(warnings) == 1
