"""A model on FastAPI, watched by prometheus-fastapi-instrumentator."""

from fastapi import FastAPI, HTTPException
from prometheus_fastapi_instrumentator import Instrumentator

app = FastAPI()
Instrumentator().instrument(app).expose(app)


@app.get("/healthz")
def health() -> dict[str, str]:
    return {}


@app.post("/predict")
def predict(body: dict[str, float]) -> dict[str, float]:
    if body["value"] < 0:
        raise HTTPException(500)
    return {"score": 1.0}
