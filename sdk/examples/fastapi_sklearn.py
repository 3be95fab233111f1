"""A scikit-learn model behind FastAPI: uvicorn fastapi_sklearn:app."""

import os
from typing import Any

import joblib
from fastapi import FastAPI, HTTPException

from serinus_sdk import Baseline, Monitor
from serinus_sdk.asgi import MonitoringMiddleware

model = joblib.load(os.environ.get("MODEL_PATH", "model.joblib"))
baseline = Baseline.load(os.environ.get("BASELINE_PATH", "baseline.json"))
monitor = Monitor(baseline, segments={"country": ["DE", "FR", "IT"]})
api = FastAPI()


@api.post("/predict")
def predict(request: dict[str, Any]) -> dict[str, Any]:
    row = request["features"]
    score = float(model.predict_proba([[row.get(name) for name in baseline.features]])[0][1])
    monitor.record(
        row, score >= 0.5, id=request["id"], segments={"country": request.get("country")}
    )
    return {"id": request["id"], "score": score}


@api.post("/feedback")
def feedback(outcome: dict[str, Any]) -> dict[str, Any]:
    """Where every pod hears of the truths of its own predictions; else see docs/sdk.md."""
    if not monitor.record_outcome(outcome["id"], outcome["truth"]):
        raise HTTPException(404, "this pod made no such prediction, or too long ago")
    return {"id": outcome["id"]}


app = MonitoringMiddleware(api, monitor, {"/predict"})
