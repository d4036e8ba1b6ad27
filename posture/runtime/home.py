"""Where an installation keeps what is its own: the embedded database, its keys, its logs.

A key is made once, before the first database. It is never made again beside an existing one: sessions would end and,
worse, every digest in the database would silently stop matching.
"""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from posture.runtime import account
from posture.runtime.mistakes import Mistake

REPOSITORY = Path(__file__).resolve().parents[2]
OUTSIDE = Path("/var/lib/posture")


def home() -> Path:
    """POSTURE_HOME, made when it is missing. Only its owner may list it.

    As root it can be passed through (0711), because Postgres then runs as another account and lives below; every file
    in it keeps its own mode, 0600 for keys and logs.
    """
    place = Path(os.environ.get("POSTURE_HOME") or REPOSITORY / ".posture").absolute()
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        place.mkdir(parents=True, exist_ok=True)
        if not any(place.iterdir()):
            place.chmod(mode)
        if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(13, "it belongs to somebody else")
    except OSError as failure:
        raise Mistake(
            f"{place} cannot hold the installation ({failure.strerror}): set POSTURE_HOME to a folder of yours."
        ) from failure
    return place


def logs() -> Path:
    folder = home() / "logs"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def cluster() -> Path:
    """Where the embedded Postgres lives: in the home, or outside when its account cannot get there.

    A checkout in /root is such a place. The folder outside carries a name drawn for this home, so that a removed and
    newly made home never meets the database of the old one.
    """
    inside, tenant = home() / "postgres", account.for_postgres()
    reachable = tenant is None or tenant.may_enter(home())
    if reachable and not (home() / "installation").exists():
        return inside
    if inside.exists() and tenant is not None:
        raise Mistake(
            f"The account {tenant.name}, which runs Postgres, cannot enter {home()} any more: chmod it to 0711."
        )
    return OUTSIDE / made_once("installation", lambda: secrets.token_hex(8))


def secret_key() -> str:
    """Django's key: POSTURE_SECRET_KEY, or one made for this installation."""
    return os.environ.get("POSTURE_SECRET_KEY") or _key("secret_key", " or set POSTURE_SECRET_KEY to the old one")


def digest_key() -> bytes:
    """The key of the digests of secret values. Machines that share a database share POSTURE_DIGEST_KEY as well."""
    given = os.environ.get("POSTURE_DIGEST_KEY")
    return (given or _key("digest_key", " or set POSTURE_DIGEST_KEY to the old one")).encode()


def postgres_password() -> str:
    return _key("postgres_password", "")


def make_keys() -> None:
    """Before the first database, so that a key missing later is known to be lost rather than never made."""
    secret_key()
    digest_key()
    postgres_password()


def made_once(name: str, draw: Callable[[], str]) -> str:
    """The content of a private file of the home, drawn the first time. Of two that make it at once, one is kept."""
    path = home() / name
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    draft = path.with_name(f".{name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(draw())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # unlike a rename, this never replaces what another start has just written
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return _read(path)


def _key(name: str, otherwise: str) -> str:
    path = home() / name
    if not path.exists() and (cluster() / "data").exists():
        raise Mistake(
            f"The key file {path} is missing, and the database beside it was made with it: put the file back from a "
            f"backup{otherwise}. (To give up the old data and start anew, move {home()} away.)"
        )
    return made_once(name, lambda: secrets.token_urlsafe(48))


def _read(path: Path) -> str:
    try:
        content = path.read_text().strip()
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as failure:
        raise Mistake(
            f"The file {path} cannot be read ({failure}): mend its owner and mode, or put it back."
        ) from failure
    if not content:
        raise Mistake(f"The file {path} is empty: put it back from a backup.")
    return content
