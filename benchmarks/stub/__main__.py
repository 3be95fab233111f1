"""`python -m benchmarks.stub TRACE`: a Prometheus on loopback whose trace begins now."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from aiohttp import web

from benchmarks.stub.open_metrics import open_metrics
from benchmarks.stub.server import application
from benchmarks.stub.trace import moved, read_trace


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stub", description=__doc__)
    parser.add_argument("trace", type=Path, help="written by python -m benchmarks.verdicts.record")
    parser.add_argument("--port", type=int, default=9090)
    parser.add_argument(
        "--openmetrics", action="store_true", help="print it for promtool, to begin now"
    )
    asked = parser.parse_args()
    trace = read_trace(asked.trace)
    if asked.openmetrics:
        sys.stdout.write(open_metrics(moved(trace, time.time())))
        return
    app = application(trace, time.time, starts_at=time.time())
    web.run_app(app, host="127.0.0.1", port=asked.port)


if __name__ == "__main__":
    main()
