"""What leaks, or only seems to, in a Python service: ``program.py MODE PORT LATE_S``."""

from __future__ import annotations

import gc
import os
import random
import sys
import time
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, HTTPServer

MODE = sys.argv[1]
BYTES = 4000
CAP = 750
LATE_S = float(sys.argv[3])
STARTED_S = time.monotonic()

kept: list[bytes] = []
cache: OrderedDict[int, bytes] = OrderedDict()
descriptors: list[int] = []


def keep(number: int) -> None:
    """What the mode does not give back."""
    late = time.monotonic() - STARTED_S > LATE_S
    if MODE == "list" or (MODE == "late" and late):
        kept.append(os.urandom(BYTES))
    elif MODE == "cache":
        cache[number] = os.urandom(BYTES)
        if len(cache) > CAP:
            cache.popitem(last=False)
    elif MODE == "files" and number % 10 == 0:
        descriptors.append(os.open(os.devnull, os.O_RDONLY))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16

    def do_GET(self) -> None:
        """Answer, and leave garbage behind, some of it in cycles."""
        garbage: list[object] = [{"n": random.random(), "text": str(n) * 50} for n in range(100)]
        garbage.append(garbage)
        leaked = len(descriptors) if MODE == "files" else BYTES * len(kept)
        if self.path != "/leaked":
            keep(int(self.path.partition("?")[2]))
        body = str(leaked).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_parts: object) -> None:
        """Say nothing."""


# A full collection waits for a quarter as many new objects as there are old ones: for more minutes
# than are recorded, unless those of the start do not count.
gc.freeze()
HTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
