"""`python -m benchmarks.stub TRACE`: a Prometheus on loopback whose trace begins now."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from aiohttp import web

from benchmarks.stub.server import application
from benchmarks.stub.trace import read_trace


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stub", description=__doc__)
    parser.add_argument("trace", type=Path, help="written by python -m benchmarks.verdicts.record")
    parser.add_argument("--port", type=int, default=9090)
    asked = parser.parse_args()
    app = application(read_trace(asked.trace), time.time, starts_at=time.time())
    web.run_app(app, host="127.0.0.1", port=asked.port)


if __name__ == "__main__":
    main()
