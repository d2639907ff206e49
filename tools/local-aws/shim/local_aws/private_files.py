"""Files of an instance that its owner alone can read, and the secret that is in one of them.

Who knows the secret is the owner of the instance: it signs for the root user of every account (gaps/root_signatures.py)
and opens the control calls (control_calls.py). It outlives a restart, so that shells and files which know it go on.
"""

import os
import pathlib
import secrets
import stat


def write(path: pathlib.Path, content: bytes) -> None:
    """Atomically, and readable by its owner only from the first moment on."""
    staging = path.with_suffix(f"{path.suffix}.new")
    staging.unlink(missing_ok=True)
    with os.fdopen(os.open(staging, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    os.replace(staging, path)


def ensure_secret(directory: pathlib.Path) -> str:
    """The instance's secret: the one it had, or a new one if somebody else could read or have written it."""
    path = directory / "secret"
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "r", encoding="ascii") as file:
            state = os.fstat(file.fileno())
            content = file.read()
            if state.st_uid == os.getuid() and not stat.S_IMODE(state.st_mode) & 0o077 and len(content) >= 40:
                return content
    except (OSError, UnicodeDecodeError):
        pass
    write(path, secrets.token_urlsafe(30).encode())
    return path.read_text(encoding="ascii")
