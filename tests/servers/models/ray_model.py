"""A model on Ray Serve, as the only node of its cluster."""

import sys
import time

import ray
from ray import serve
from starlette.requests import Request


@serve.deployment
class Fraud:
    async def __call__(self, request: Request) -> float:
        if (await request.json())["value"] < 0:
            raise RuntimeError("no such thing")
        return 1.0


if __name__ == "__main__":
    http_port, metrics_port = (int(each) for each in sys.argv[1:])
    ray.init(num_cpus=2, include_dashboard=False, _metrics_export_port=metrics_port)
    serve.start(http_options={"port": http_port})
    serve.run(
        Fraud.bind(),  # type: ignore[attr-defined]  # the decorator gives it
        name="fraud",
        route_prefix="/",
    )
    while True:
        time.sleep(60)
