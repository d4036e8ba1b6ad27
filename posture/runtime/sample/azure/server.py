"""The double as a server: `python -m posture.runtime.sample.azure.server --port 0 --address-file FILE`."""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from posture.runtime.sample.azure.double import Double
from posture.runtime.sample.azure.estate import SUBSCRIPTION, Estate, estate
from posture.runtime.sample.azure.family import relatives
from posture.runtime.sample.gcp.server import PR_SET_PDEATHSIG, Server
from posture.runtime.sample.relatives import Answering, Relatives
from posture.runtime.sample.start import SampleCloud


def doubled(made: Estate) -> Answering:
    """The subscription, and the others of its tenant."""
    return Relatives(Double(made), lambda: relatives(made))


@contextmanager
def sample_subscription(made: Estate | None = None) -> Iterator[SampleCloud]:
    """The double in a thread of this process, for tests."""
    server = Server(doubled(made or estate()))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield SampleCloud(server.endpoint, SUBSCRIPTION, (), os.getpid())
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main(arguments: list[str] | None = None) -> int:
    words = argparse.ArgumentParser(prog="python -m posture.runtime.sample.azure.server", description=__doc__)
    words.add_argument("--port", type=int, default=0, help="0 takes a free one")
    words.add_argument("--address-file", type=Path, required=True, help="written when the subscription is ready")
    wanted = words.parse_args(arguments)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    server = Server(doubled(estate()), wanted.port)
    said = json.dumps({"endpoint": server.endpoint, "account": SUBSCRIPTION, "regions": []})
    half = wanted.address_file.with_name(wanted.address_file.name + ".part")
    half.write_text(said)
    half.replace(wanted.address_file)
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
