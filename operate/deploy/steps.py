"""The steps of `make deploy`, numbered as in docs/tutorials/first-deployment.md, so that a
report of a problem can name the last step that was printed."""

from __future__ import annotations

from enum import Enum


class Step(Enum):
    SETTINGS = (5, "Settings")
    PERMISSIONS = (6, "Permissions")
    RESOURCES = (7, "Tables, log groups and alarms")
    SECRETS = (8, "Visitor key")
    APP = (9, "Functions and API")
    GATEWAY = (10, "Request limits and retries")
    RELEASE = (11, "Release")
    ADDRESSES = (12, "Addresses and token")

    def __str__(self) -> str:
        number, title = self.value
        return f"Step {number}: {title}"
