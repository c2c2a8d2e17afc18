from __future__ import annotations

from chalicelib.storage.aws.update_expression import UpdateExpression


def test_changes_and_conditions_become_one_update():
    update = UpdateExpression()
    update.set(page="/about", referrer=None)
    update.set_if_missing(user_id="ann")
    update.add(events=1, views=frozenset({"a|1"}), others=frozenset())
    update.require("#last_at <= :at", at=5)
    update.require("attribute_exists(#site)")

    assert update.arguments() == {
        "expression": "SET #page = :page, #user_id = if_not_exists(#user_id, :user_id) "
        "REMOVE #referrer ADD #events :events, #views :views",
        "condition": "#last_at <= :at AND attribute_exists(#site)",
        "names": {
            f"#{name}": name
            for name in ("page", "referrer", "user_id", "events", "views", "last_at", "site")
        },
        "values": {
            ":page": "/about",
            ":user_id": "ann",
            ":events": 1,
            ":views": frozenset({"a|1"}),
            ":at": 5,
        },
    }


def test_elements_are_deleted_from_sets():
    update = UpdateExpression()
    update.delete(views=frozenset({"a|1"}))

    assert update.arguments()["expression"] == "DELETE #views :views"
