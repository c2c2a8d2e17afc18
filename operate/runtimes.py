"""Until when AWS supports Lambda's Python runtimes.

Source: AWS Lambda Developer Guide, "Building Lambda functions with Python", looked up on
27 November 2026. From the date on, a runtime gets no more security patches; AWS blocks creating
functions a month later and updating them another month later. They keep running.
"""

from __future__ import annotations

from datetime import date

DEPRECATED_ON = {
    "python3.11": date(2027, 6, 30),
    "python3.12": date(2028, 10, 31),
    "python3.13": date(2029, 6, 30),
    "python3.14": date(2029, 6, 30),
}
