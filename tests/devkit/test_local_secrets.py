from __future__ import annotations

import hashlib
import stat
from pathlib import Path

from devkit.local_secrets import SECRET_BYTES, read_token, token_hash, visitor_key


def test_token_is_created_once(tmp_path: Path):
    assert read_token(tmp_path) == read_token(tmp_path)
    assert read_token(tmp_path) != read_token(tmp_path / "another copy")
    assert read_token(tmp_path) != visitor_key(tmp_path)


def test_token_is_long_and_random(tmp_path: Path):
    assert SECRET_BYTES * 8 >= 128
    assert len(read_token(tmp_path)) >= SECRET_BYTES


def test_secret_file_is_readable_by_its_owner_only(tmp_path: Path):
    read_token(tmp_path)
    visitor_key(tmp_path)

    modes = [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()]
    assert modes == [0o600, 0o600]


def test_token_hash_is_its_sha_256():
    assert token_hash("secret") == hashlib.sha256(b"secret").hexdigest()
