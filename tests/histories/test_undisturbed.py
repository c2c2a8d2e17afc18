"""Histories in which every call to DynamoDB succeeds: late and repeated events, jobs that pause
for days, clock changes."""

from __future__ import annotations

import pytest

from tests.histories.machine import Histories
from tests.histories.runs import SETTINGS


class Undisturbed(Histories):
    is_disturbed = False


TestUndisturbedHistories = pytest.mark.slow(Undisturbed.TestCase)
TestUndisturbedHistories.settings = SETTINGS
