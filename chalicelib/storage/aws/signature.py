"""Signature version 4, which AWS requires of each request, for calls in the JSON protocol: POST
to the path `/` of a service.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

_ALGORITHM = "AWS4-HMAC-SHA256"
_CONTENT_TYPE = "application/x-amz-json-1.0"


@dataclass(frozen=True, slots=True)
class Credentials:
    """`token` is empty for keys that do not expire."""

    key_id: str
    secret: str
    token: str = ""


def credentials_in(environment: Mapping[str, str]) -> Credentials | None:
    """Return the credentials that Lambda and `make run` set, or None."""
    key_id = environment.get("AWS_ACCESS_KEY_ID")
    secret = environment.get("AWS_SECRET_ACCESS_KEY")
    if not key_id or not secret:
        return None
    return Credentials(key_id, secret, environment.get("AWS_SESSION_TOKEN", ""))


class Signer:
    """Signs the requests to one service. The key of a day is computed once."""

    def __init__(
        self, credentials: Credentials, *, service: str, region: str, host: str
    ) -> None:
        self._credentials = credentials
        self._service = service
        self._region = region
        self._host = host
        self._day = ""
        self._key = b""

    def headers(self, target: str, body: bytes, now: float) -> dict[str, str]:
        """Return the headers of a signed request to call `target`; `now` is in seconds since
        the epoch."""
        at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        day = at[:8]
        signed = {"content-type": _CONTENT_TYPE, "host": self._host, "x-amz-date": at}
        if self._credentials.token:
            signed["x-amz-security-token"] = self._credentials.token
        signed["x-amz-target"] = target
        names = ";".join(signed)
        lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
        canonical = f"POST\n/\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
        scope = f"{day}/{self._region}/{self._service}/aws4_request"
        text = f"{_ALGORITHM}\n{at}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        signature = hmac.digest(self._key_of(day), text.encode(), "sha256").hex()
        del signed["host"]  # the connection sends it
        return signed | {
            "authorization": f"{_ALGORITHM} Credential={self._credentials.key_id}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        }

    def _key_of(self, day: str) -> bytes:
        if day != self._day:
            key = f"AWS4{self._credentials.secret}".encode()
            for part in (day, self._region, self._service, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._key, self._day = key, day
        return self._key
