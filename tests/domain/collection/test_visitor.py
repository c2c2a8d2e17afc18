from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.collection.visitor import VisitorIdentity, effective_visitor

CLIENT = VisitorIdentity("example.com", "192.0.2.1", "Agent/1.0")
SALT = b"s" * 32


@pytest.mark.parametrize(
    "changes", [{"site": "b.example"}, {"address": "192.0.2.2"}, {"user_agent": "Agent/2.0"}]
)
def test_visitor_differs_by(changes: dict[str, str]):
    assert CLIENT.visitor_id(SALT) != replace(CLIENT, **changes).visitor_id(SALT)


def test_visitor_differs_between_days():
    assert CLIENT.visitor_id(SALT) != CLIENT.visitor_id(b"t" * 32)


def test_visitor_does_not_depend_on_the_client_session_name():
    assert CLIENT.visitor_id(SALT) == replace(
        CLIENT, user_id="ann", client_session_name="x"
    ).visitor_id(SALT)


@pytest.mark.parametrize("changes", [{"user_id": "ann"}, {"client_session_name": "ann"}])
def test_pointer_depends_on_the_client_session_name(changes: dict[str, str]):
    assert CLIENT.pointer_key(SALT) != replace(CLIENT, **changes).pointer_key(SALT)
    assert replace(CLIENT, user_id="ann").pointer_key(SALT) != replace(
        CLIENT, client_session_name="ann"
    ).pointer_key(SALT)


def test_hashed_parts_are_separated():
    one = replace(CLIENT, address="1", user_agent="23")
    other = replace(CLIENT, address="12", user_agent="3")

    assert one.visitor_id(SALT) != other.visitor_id(SALT)


def test_user_is_one_visitor_across_days_for_a_site_and_key():
    def visitor(site: str = "a.example", key: bytes = b"key", user: str = "ann") -> str:
        return effective_visitor("0" * 12, user, site=site, key=key)

    assert visitor() == visitor()
    assert (
        len({visitor(), visitor(site="b.example"), visitor(key=b""), visitor(user="bob")}) == 4
    )


def test_repr_of_a_client_does_not_contain_the_address():
    from tests.world import visitor

    assert "192.0.2" not in repr(visitor(7))
