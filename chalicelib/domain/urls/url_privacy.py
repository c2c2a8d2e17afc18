"""Removes query parameters that identify a person or grant access before a URL is stored.

The rest stays unchanged, byte for byte: order, encoding, empty parameters, fragment. A name
matches in any spelling: `E-Mail`, `e%6Dail`, `accessToken` and `user[email]`. Parameters are
found in a fragment (`#access_token=...`, `#/reset?token=...`), in a path
(`/cart;jsessionid=...`) and in a URL within the URL (`?next=%2Freset%3Ftoken%3D...`, which is
removed as a whole). Values of other parameters are not inspected: `?q=ann@example.com` stays.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import unquote_plus

_IDENTITY = """
email e_mail mail email_address user_email customer_email contact_email mailto recipient
phone phone_number telephone tel mobile_number msisdn
name first_name last_name full_name given_name family_name middle_name fname lname surname
username user_name user login nickname user_id uid customer_id contact_id subscriber_id
member_id patient_id lead_id account_id address street postcode zip zip_code
dob date_of_birth birthday birthdate ssn passport
"""

# Newsletters and customer databases mark each recipient's links.
_RECIPIENT = """
mc_eid _hsenc mkt_tok vero_id oly_enc_id oly_anon_id ck_subscriber_id ml_subscriber
ml_subscriber_hash _ke _kx omnisend_contact_id elq_track_id bsft_uid
"""

_CREDENTIALS = """
password passwd pass pwd passphrase passcode pin otp totp mfa_code
token access_token refresh_token id_token auth_token api_token csrf_token csrf xsrf
authenticity_token reset_token reset_password_token confirmation_token invitation_token
invite_token verification_token verification_code activation_code unsubscribe_token
magic_token magic_link one_time_token
auth authorization bearer credential credentials jwt assertion saml_request saml_response
session session_id session_key sid sess jsessionid phpsessid aspsessionid connect_sid
key api_key app_key access_key private_key secret client_secret app_secret
code auth_code code_verifier ticket nonce hash hmac sig signature
x_amz_signature x_amz_credential x_amz_security_token aws_access_key_id
x_goog_signature x_goog_credential google_access_id key_pair_id
"""

_PAYMENT = "card_number credit_card cvv cvc iban account_number"

# What analytics reads is not here: utm_*, click ids, ref, source, q, id, page, lang, state.
DEFAULT_PRIVATE_PARAMETERS = frozenset(
    " ".join((_IDENTITY, _RECIPIENT, _CREDENTIALS, _PAYMENT)).split()
)

_MAX_DECODINGS = 3  # a URL in a URL in a URL
_USERINFO = re.compile(r"\A((?:[a-z][a-z0-9+.\-]*:)?//)[^/?#\\]*@", re.IGNORECASE)
_PATH_PARAMETER = re.compile(r";([^;/=]*)=[^;/]*")
# A second "?" begins the query of a URL that was put into a parameter without being encoded.
_SEPARATOR = re.compile(r"([&;?#])")
_PUNCTUATION = re.compile(r"[-_.\s]")
_BRACKETS = re.compile(r"[\[\]]+")


def strip_private_parameters(url: str, names: Collection[str]) -> str:
    """Remove every parameter whose name is among `names`, and `user:password@`.

    Accepts any text and never raises. The function is idempotent.
    """
    if not any(sign in url for sign in "?#@;"):
        return url
    private = _normalize_all(frozenset(names))
    before_fragment, hash_sign, fragment = url.partition("#")
    address, mark, query = before_fragment.partition("?")
    return "".join(
        (
            _strip_path(_USERINFO.sub(r"\1", address), private),
            _after(mark, query, _strip_query(query, private)),
            _after(hash_sign, fragment, _strip_fragment(fragment, private)),
        )
    )


def _after(sign: str, before: str, now: str) -> str:
    """Return what follows a mark, with the mark; nothing if all of it was removed."""
    return sign + now if now or not before else ""


def _strip_path(address: str, private: frozenset[str]) -> str:
    return _PATH_PARAMETER.sub(
        lambda match: "" if _is_private_name(match[1], private) else match[0], address
    )


def _strip_fragment(fragment: str, private: frozenset[str]) -> str:
    """Strip a fragment that is a route with a query, parameters alone, or an anchor
    (`#email`)."""
    route, mark, query = fragment.partition("?")
    return _strip_query(route, private, needs_value=True) + _after(
        mark, query, _strip_query(query, private)
    )


def _strip_query(query: str, private: frozenset[str], needs_value: bool = False) -> str:
    _, *pieces = _SEPARATOR.split("&" + query)
    return "".join(
        separator + parameter
        for separator, parameter in zip(pieces[::2], pieces[1::2], strict=True)
        if not _is_private_parameter(parameter, private, needs_value)
    )[1:]


def _is_private_parameter(parameter: str, private: frozenset[str], needs_value: bool) -> bool:
    name, equals, value = parameter.partition("=")
    if needs_value and not equals:
        return False
    return _is_private_name(name, private) or _contains_private_parameter(value, private)


def _contains_private_parameter(value: str, private: frozenset[str]) -> bool:
    """Return whether a value is a URL or a query with a private parameter."""
    if "%" not in value and "=" not in value:
        return False
    nested = re.split(r"[&;?#]", _decode(value))
    return any(
        "=" in inner and _is_private_name(inner.partition("=")[0], private) for inner in nested
    )


def _is_private_name(name: str, private: frozenset[str]) -> bool:
    decoded = _decode(name).lstrip("!/")
    return not private.isdisjoint(
        _normalize(part) for part in (decoded, *_BRACKETS.split(decoded))
    )


def _decode(text: str) -> str:
    for _ in range(_MAX_DECODINGS):
        text = unquote_plus(text)
    return text


def _normalize(name: str) -> str:
    """`accessToken`, `access-token` and `ACCESS_TOKEN` are one name."""
    return _PUNCTUATION.sub("", name).casefold()


@lru_cache(maxsize=16)
def _normalize_all(names: frozenset[str]) -> frozenset[str]:
    return frozenset(_normalize(name) for name in names) - {""}
