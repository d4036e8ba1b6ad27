"""The account that Postgres runs as: it refuses to run as root, so root lends it one that may do nothing else.

No account is made and no directory of the machine is opened wider: a place the account cannot reach is left alone.
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from posture.runtime.mistakes import Mistake


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int

    def may_enter(self, folder: Path) -> bool:
        """Whether it may pass through this folder and every one above it, judged by owner, group and mode."""
        return all(self._holds(path, stat.S_IXUSR) for path in (folder, *folder.parents))

    def may_read(self, path: Path) -> bool:
        return self.may_enter(path.parent) and self._holds(path, stat.S_IRUSR)

    def owns(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)

    def _holds(self, path: Path, owner_bit: int) -> bool:
        status = path.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & owner_bit)
        if status.st_gid == self.gid:
            return bool(status.st_mode & owner_bit >> 3)
        return bool(status.st_mode & owner_bit >> 6)


def for_postgres() -> Account | None:
    """None for an ordinary person, who runs Postgres as themselves. POSTURE_PG_USER chooses another than usual."""
    if os.geteuid() != 0:
        return None
    chosen = os.environ.get("POSTURE_PG_USER")
    for name in (chosen,) if chosen else ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise Mistake(
        "Postgres does not run as root, and there is no account to lend it: name one in POSTURE_PG_USER, "
        "run this as an ordinary user, or set DATABASE_URL."
    )
