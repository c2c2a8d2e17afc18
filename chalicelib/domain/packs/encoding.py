"""Columns of whole numbers as compact bytes, quick to read in plain Python.

A column is divided by its greatest common divisor and cut into planes: first the lowest byte
of each number, then the next one. A plane is deflated if that makes it shorter; the lowest
bytes of times are noise and stay as they are. Of numbers that are all alike one is kept.

    numbers         1,000 301,000 2,000
    divisor 1,000   1 301 2, two bytes each
    planes          1 45 2 and 0 1 0    since 301 is 1 * 256 + 45

    column    0, number                           all alike
              width, divisor, width times plane   width in bytes, 1 to 8
    plane     length * 2 + is_deflated, bytes
    number    7 bits a byte, lowest first, the high bit says that another one follows
"""

from __future__ import annotations

import json
import math
import sys
import zlib
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

Numbers = Sequence[int]

# array types by width in bytes; their sizes are the same wherever CPython runs.
_TYPES = {1: "B", 2: "H", 4: "I", 8: "Q"}
_CHECKSUM_BYTES = 4
_STRATEGIES = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY)
_RAW_DEFLATE = -15  # deflate without header and checksum: a pack has one of its own


class DecodeError(ValueError):
    """The content has an unknown version, or is damaged."""


def frame(version: int, content: bytes) -> bytes:
    """Return the content with its version and a checksum before it."""
    return bytes([version]) + zlib.crc32(content).to_bytes(_CHECKSUM_BYTES, "little") + content


def unframe(version: int, content: bytes) -> ByteReader:
    """Return the framed content. Raise DecodeError with the reason."""
    if not content or content[0] != version:
        packed_in = content[0] if content else "none"
        raise DecodeError(f"packed in version {packed_in}; this release reads {version}")
    rest = memoryview(content)[1 + _CHECKSUM_BYTES :]
    if zlib.crc32(rest) != int.from_bytes(content[1 : 1 + _CHECKSUM_BYTES], "little"):
        raise DecodeError("damaged: its checksum differs")
    return ByteReader(rest)


class ByteWriter:
    """Appends numbers, bytes and columns."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write_number(self, value: int) -> None:
        self._parts.append(_encode_varint(value))

    def write_bytes(self, content: bytes) -> None:
        self._parts += (_encode_varint(len(content)), content)

    def write_document(self, content: Any) -> None:
        """Write deflated JSON. Text may have lone surrogates, as JSON from a browser may."""
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        self.write_compressed(text.encode("utf-8", "surrogatepass"))

    def write_compressed(self, content: bytes) -> None:
        self.write_bytes(_compress(content))

    def write_column(self, values: Numbers) -> None:
        self.write_bytes(encode_column(values))

    def to_bytes(self) -> bytes:
        return b"".join(self._parts)


class ByteReader:
    """Reads what a ByteWriter wrote, in the same order. Raises DecodeError past the end."""

    def __init__(self, content: memoryview) -> None:
        self._content = content
        self._at = 0

    def read_number(self) -> int:
        value = shift = 0
        while True:
            if self._at >= len(self._content):
                raise DecodeError("damaged: it ends too early")
            byte = self._content[self._at]
            self._at += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def read_bytes(self) -> memoryview:
        return self.read(self.read_number())

    def read_compressed(self) -> bytes:
        return zlib.decompress(self.read_bytes(), _RAW_DEFLATE)

    def read(self, length: int) -> memoryview:
        content = self._content[self._at : self._at + length]
        if len(content) < length:
            raise DecodeError("damaged: it ends too early")
        self._at += length
        return content


def read_document(content: memoryview) -> Any:
    return parse_document(zlib.decompress(content, _RAW_DEFLATE))


def parse_document(text: bytes) -> Any:
    """Parse a document from its inflated bytes."""
    return json.loads(text.decode("utf-8", "surrogatepass"))


def encode_column(values: Numbers) -> bytes:
    """Encode integers from 0 to below 2**64.

    >>> list(encode_column([1_000, 301_000, 2_000]))
    [2, 232, 7, 6, 1, 45, 2, 6, 0, 1, 0]

    That is the width, the divisor (1,000 takes two bytes), and two planes of three bytes each
    that are not deflated: 6 is 3 * 2 + 0. Of numbers that are all alike, one is written:

    >>> list(encode_column([7, 7, 7]))
    [0, 7]
    """
    highest = max(values, default=0)
    if highest == min(values, default=0):
        return bytes(1) + _encode_varint(highest)
    divisor = math.gcd(*values)
    quotients = values if divisor == 1 else [value // divisor for value in values]
    width = -(-(highest // divisor).bit_length() // 8)
    size = _item_size(width)
    raw = _little_endian(array(_TYPES[size], quotients)).tobytes()
    parts = [bytes([width]), _encode_varint(divisor)]
    for byte in range(width):
        plane = raw[byte::size]
        # If little repeats, Huffman coding alone is shorter: by 5 % of a pack.
        best = min(plane, *(_compress(plane, strategy) for strategy in _STRATEGIES), key=len)
        parts += (_encode_varint(len(best) * 2 + (best is not plane)), best)
    return b"".join(parts)


def decode_column(content: memoryview, count: int) -> Numbers:
    """Decode `count` numbers to `bytes` if they fit, else to an array or a list."""
    reader = ByteReader(content)
    width = reader.read_number()
    if width == 0:
        value = reader.read_number()
        return bytes([value]) * count if value < 256 else [value] * count
    divisor = reader.read_number()
    planes = [_read_plane(reader, count) for _ in range(width)]
    if divisor == 1:
        return _join_planes(planes, count)
    return [value * divisor for value in _join_planes(planes, count)]


def read_fixed_width(content: memoryview, width: int) -> array[int]:
    """Read numbers of `width` bytes each, lowest byte first.

    >>> read_fixed_width(memoryview(bytes([45, 1, 2, 0])), width=2)
    array('H', [301, 2])
    """
    return interleave([content[byte::width] for byte in range(width)], len(content) // width)


def _read_plane(reader: ByteReader, count: int) -> bytes | memoryview:
    length, is_deflated = divmod(reader.read_number(), 2)
    content = reader.read(length)
    plane = zlib.decompress(content, _RAW_DEFLATE, count) if is_deflated else content
    if len(plane) != count:
        raise DecodeError("damaged: a column has another length")
    return plane


def _join_planes(planes: list[bytes | memoryview], count: int) -> Numbers:
    return bytes(planes[0]) if len(planes) == 1 else interleave(planes, count)


def interleave(planes: Sequence[bytes | memoryview], count: int) -> array[int]:
    """Join up to 8 planes of `count` bytes: the first has the lowest byte of each number.

    >>> interleave([bytes([45, 2]), bytes([1, 0])], count=2)
    array('H', [301, 2])
    """
    size = _item_size(len(planes))
    mixed = bytearray(count * size)
    for byte, plane in enumerate(planes):
        mixed[byte::size] = plane
    numbers = array(_TYPES[size])
    numbers.frombytes(mixed)
    return _little_endian(numbers)


def _item_size(width: int) -> int:
    return next(size for size in _TYPES if size >= width)


def _little_endian(numbers: array[int]) -> array[int]:
    """Convert between the byte order of this machine and little-endian."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers


def _compress(content: bytes, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, _RAW_DEFLATE, strategy=strategy)
    return deflate.compress(content) + deflate.flush()


def _encode_varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def zigzag(value: int) -> int:
    """Map signed to unsigned numbers, small ones to small ones.

    >>> [zigzag(value) for value in (0, -1, 1, -2, 2)]
    [0, 1, 2, 3, 4]
    """
    return value * 2 if value >= 0 else -value * 2 - 1


def unzigzag(values: Numbers) -> Iterator[int]:
    return (-(value + 1) // 2 if value & 1 else value // 2 for value in values)
