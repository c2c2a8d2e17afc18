"""International hostnames as people read them: `bücher.example` for `xn--bcher-kva.example`.

As in browsers, a label stays in ASCII if it could be confused with another: if it mixes scripts
that no language mixes, has characters that no language's words have, or has only letters that
look like Latin ones. The function is idempotent.
"""

from __future__ import annotations

from functools import lru_cache
from unicodedata import category, name

from chalicelib.domain.urls.hostname import clean_hostname

_PUNYCODE_PREFIX = "xn--"
_JAPANESE = frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"})
_ALLOWED_MIXTURES = (
    _JAPANESE,
    frozenset({"LATIN", "CJK", "HANGUL"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
)
# Scripts in everyday use, by the first word of their characters' names.
_SCRIPTS = _JAPANESE | {
    *("HANGUL", "BOPOMOFO", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN", "HEBREW", "ARABIC"),
    *("DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA"),
    *("MALAYALAM", "SINHALA", "THAI", "LAO", "TIBETAN", "MYANMAR", "ETHIOPIC", "KHMER"),
}
# Letters of other scripts that look like Latin ones.
_LATIN_LOOKALIKES = {
    "CYRILLIC": frozenset("асԁеһіјӏорԗԛѕԝхуъьҽпгѵѡ"),
    "GREEK": frozenset("αικνρυωηοτ"),
    "ARMENIAN": frozenset("ագզէլհյոսւօ"),
}
# Beside Latin letters these look like a slash, a dash or a letter.
_SIGN_LOOKALIKES = frozenset("ノソゾンへべぺ丶丿一ー〇二三八十卜工口")
# Of Latin letters: those of languages, but for a dotless i and others that pass for plain ones.
_LATIN = frozenset(
    [*map(chr, range(0xDF, 0x180)), *map(chr, range(0x1EA0, 0x1EFA)), *"ơưșț"]
).difference("÷ıĸŀŉſ")


def readable_host(hostname: str) -> str:
    """Return the readable name of any text; never raise."""
    return _make_readable(hostname) if _PUNYCODE_PREFIX in hostname else hostname


def readable_host_or_none(hostname: str | None) -> str | None:
    return None if hostname is None else readable_host(hostname)


def host_forms(text: str) -> set[str]:
    """Return the forms that readable names can have of a search text."""
    return {text, readable_host(text.lower())}


@lru_cache(maxsize=4096)
def _make_readable(hostname: str) -> str:
    return ".".join(map(_readable_label, hostname.split(".")))


def _readable_label(label: str) -> str:
    if not label.startswith(_PUNYCODE_PREFIX):
        return label
    try:
        text = label.removeprefix(_PUNYCODE_PREFIX).encode("ascii").decode("punycode")
        is_it = clean_hostname(text) == label
    except ValueError:
        return label
    return text if is_it and _is_safe(text) else label


def _is_safe(label: str) -> bool:
    characters = [one for one in label if not (one.isascii() and (one.isdigit() or one == "-"))]
    scripts = {name(one, "").split(" ")[0] for one in characters}
    if not scripts <= _SCRIPTS or not all(category(one)[0] in "LM" for one in characters):
        return False
    if len(scripts) > 1 and not any(scripts <= mixture for mixture in _ALLOWED_MIXTURES):
        return False
    if "LATIN" in scripts and len(scripts) > 1 and not _SIGN_LOOKALIKES.isdisjoint(label):
        return False
    if any(not one.isascii() and _is_latin(one) and one not in _LATIN for one in characters):
        return False
    alike = _LATIN_LOOKALIKES.get(next(iter(scripts), ""), frozenset())
    return not alike.issuperset(characters)


def _is_latin(character: str) -> bool:
    return name(character, "").startswith("LATIN ")
