"""The Lambda runtime that LiveInsight is deployed on, whatever Python deploys it.

Chalice would choose the Python that runs it, so a laptop with Python 3.11 would deploy to
Amazon Linux 2, whose support has ended.
"""

from __future__ import annotations

import sys
from datetime import date

RUNTIME = "python3.13"
# Source: AWS Lambda Developer Guide, "Building Lambda functions with Python", looked up on
# 27 November 2026. From the date on, a runtime gets no more security patches; AWS blocks
# creating functions a month later and updating them another month later. They keep running.
DEPRECATED_ON = {
    "python3.11": date(2027, 6, 30),
    "python3.12": date(2028, 10, 31),
    "python3.13": date(2029, 6, 30),
    "python3.14": date(2029, 6, 30),
}


def this_python() -> str:
    """Return the runtime that Chalice would choose."""
    return f"python{sys.version_info[0]}.{sys.version_info[1]}"
