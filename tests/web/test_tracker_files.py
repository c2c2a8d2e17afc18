"""The two files of the tracker can be loaded by pages of any origin."""

from __future__ import annotations

import pytest

PATHS = ["/tracker.js", "/static/tracker_more.js"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_tracker_is_served_to_every_origin(api, path, method):
    status, headers, _ = api.send(method, path)

    assert status == 200
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["access-control-allow-origin"] == "*"


def test_tracker_imports_its_second_file_from_its_own_path(api):
    _, _, script = api.send("GET", "/tracker.js")

    assert "static/tracker_more.js" in script
    assert "export" in api.send("GET", "/static/tracker_more.js")[2]
