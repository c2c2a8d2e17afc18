"""Histories in which any call to DynamoDB may fail, lose its response or crash the process, and
other processes run in between."""

from __future__ import annotations

import pytest

from tests.histories.machine import Histories
from tests.histories.runs import SETTINGS


class Disturbed(Histories):
    is_disturbed = True


TestDisturbedHistories = pytest.mark.slow(Disturbed.TestCase)
TestDisturbedHistories.settings = SETTINGS
