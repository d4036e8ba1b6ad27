"""The sample account as a process: `python -m posture.runtime.sample.server --port 0 --address-file FILE [--empty]`."""

from __future__ import annotations

import argparse
import ctypes
import gc
import ipaddress
import json
import logging
import os
import signal
import sys
import threading
import warnings
from datetime import UTC, date, datetime
from pathlib import Path

MOTO = {
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "false",  # a few are loaded by hand: all of them cost three seconds
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
FOREIGN = ("AWS_", "MOTO_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
PR_SET_PDEATHSIG = 1


def main(arguments: list[str] | None = None) -> int:
    wanted = parse(arguments)
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    if os.getppid() != parent:
        return 0
    wanted.address_file.unlink(missing_ok=True)
    prepare_environment()
    gc.disable()  # all that is loaded and built now stays: looking through it again and again is a fifth of the start

    from posture.runtime.sample.emulator import ACCOUNT, REGIONS
    from posture.runtime.sample.emulator.moto_setup import set_up

    set_up()
    from posture.runtime.sample.emulator.http import listen
    from posture.runtime.sample.emulator.overlay import Overlay

    overlay = Overlay()
    try:
        server = listen(wanted.host, wanted.port, overlay)
    except OSError as error:
        print(
            f"The sample account cannot listen on {wanted.host}:{wanted.port} ({error.strerror});"
            " choose another --port, or 0 for a free one.",
            file=sys.stderr,
        )
        return 1
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"[{wanted.host}]" if ":" in wanted.host else wanted.host
    endpoint = f"http://{host}:{server.port}"
    if not wanted.empty:
        from posture.runtime.sample.emulator.inside import Inside
        from posture.runtime.sample.estate import seed

        seed(endpoint, founded=founded(wanted.address_file), inside=Inside(overlay))
        overlay.journal.clear()
    overlay.built.set()
    gc.collect()
    gc.freeze()
    ctypes.CDLL(None).malloc_trim(0)
    gc.enable()
    write_whole(wanted.address_file, json.dumps({"endpoint": endpoint, "account": ACCOUNT, "regions": list(REGIONS)}))
    while True:
        signal.pause()


def parse(arguments: list[str] | None) -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="python -m posture.runtime.sample.server", description=__doc__)
    words.add_argument("--host", type=loopback, default="127.0.0.1")
    words.add_argument("--port", type=int, default=0, help="0 takes a free one")
    words.add_argument("--address-file", type=Path, required=True, help="written when the account is ready")
    words.add_argument("--empty", action="store_true", help="an account with nothing in it")
    return words.parse_args(arguments)


def loopback(host: str) -> str:
    if not ipaddress.ip_address(host).is_loopback:
        raise argparse.ArgumentTypeError("the sample account listens on loopback addresses only")
    return host


def prepare_environment() -> None:
    """Nobody's real credentials, endpoint or proxy may colour the sample account."""
    for name in [name for name in os.environ if name.upper().startswith(FOREIGN)]:
        del os.environ[name]
    os.environ.update(MOTO)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")


def founded(address_file: Path) -> date:
    """The day the past is counted from: that of the first start in this home, so that a restart changes nothing."""
    note = address_file.with_name(address_file.name + ".founded")
    try:
        return date.fromisoformat(note.read_text().strip())
    except (OSError, ValueError):
        today = datetime.now(UTC).date()
        write_whole(note, today.isoformat())
        return today


def write_whole(path: Path, text: str) -> None:
    half = path.with_name(path.name + ".part")
    half.write_text(text)
    half.replace(path)


if __name__ == "__main__":
    sys.exit(main())
