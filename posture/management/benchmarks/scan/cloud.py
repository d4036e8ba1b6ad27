"""The account as a process: `python -m posture.management.benchmarks.scan.cloud --n 10 --seed 7 --address-file FILE`.

The emulator of the sample account, empty, in which the designed account is then built.  The address file appears when
it stands, and tells the id of every item.  `POST /_sample/touch` changes something about so many functions.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from posture.management.benchmarks.scan.design import FUNCTION, Item, design
from posture.runtime.sample.server import PR_SET_PDEATHSIG, prepare_environment, write_whole


def main(arguments: list[str]) -> int:
    words = argparse.ArgumentParser()
    for name in ("n", "seed"):
        words.add_argument(f"--{name}", type=int, required=True)
    words.add_argument("--address-file", type=Path, required=True)
    wanted = words.parse_args(arguments)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    prepare_environment()
    gc.disable()
    from posture.runtime.sample.emulator.moto_setup import roll_dice_from, set_up

    set_up()
    roll_dice_from(wanted.seed)
    from posture.management.benchmarks.scan.build import build
    from posture.management.benchmarks.scan.build.site import AGE, Site
    from posture.runtime.sample.emulator.http import listen
    from posture.runtime.sample.emulator.inside import Inside
    from posture.runtime.sample.emulator.overlay import Overlay
    from posture.runtime.sample.shop.account import Account

    overlay = Overlay()
    server = listen("127.0.0.1", 0, overlay)
    endpoint = f"http://127.0.0.1:{server.port}"
    account = Account(endpoint, datetime.now(UTC).date(), inside=Inside(overlay))
    site, items, started = Site(account), design(wanted.n, wanted.seed), time.monotonic()
    with account.past(AGE):
        build(site, items)
    calls = len(overlay.journal.lines())
    overlay.journal.note = lambda call, reply: None  # type: ignore[method-assign]  # the proxy counts
    overlay.journal.clear()
    overlay.controls["POST", "touch"] = lambda share: touch(account, items, share)
    overlay.built.set()
    gc.freeze()
    gc.enable()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    said = {
        "endpoint": endpoint,
        "pid": os.getpid(),
        "seconds": round(time.monotonic() - started, 1),
        "calls": calls,
        "ids": {f"{kind} {name}": id for (kind, name), id in site.ids.items()},
    }
    write_whole(wanted.address_file, json.dumps(said))
    while True:
        signal.pause()


def touch(account: Any, items: list[Item], share: float) -> int:
    """Change the memory of so many functions that a `share` of all items is another than before.  How many."""
    changed = [item for item in items if item.kind == FUNCTION][: max(1, round(len(items) * share))]
    for item in changed:
        client = account.client("lambda", item.region)
        now = client.get_function_configuration(FunctionName=item.name)["MemorySize"]
        client.update_function_configuration(FunctionName=item.name, MemorySize=now + 64)
    return len(changed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
