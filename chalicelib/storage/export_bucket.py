"""The export bucket: closed sessions as files.

    sessions/site=SITE/day=YYYY-MM-DD/part-0000.ndjson.gz

Writes  put_part(...)    the same part again replaces it
"""

from __future__ import annotations

from typing import Any

from botocore.config import Config
from botocore.session import get_session

FOLDER = "sessions"


class ExportBucket:
    def __init__(self, name: str, client: Any = None) -> None:
        self._client = client or s3_client()
        self.name = name

    def put_part(self, site: str, day: str, number: int, content: bytes) -> None:
        """Put compressed lines."""
        self._client.put_object(
            Bucket=self.name,
            Key=f"{FOLDER}/site={site}/day={day}/part-{number:04}.ndjson.gz",
            Body=content,
            ContentType="application/x-ndjson",
            ContentEncoding="gzip",
        )


def s3_client() -> Any:
    """Made only if there is something to write: it takes a tenth of a second."""
    return get_session().create_client("s3", config=Config(connect_timeout=2, read_timeout=10))
