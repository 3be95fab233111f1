"""What a model server says about itself, in Prometheus metrics that serinus knows."""

from serinus_sdk.baseline import Baseline, BaselineInvalid
from serinus_sdk.monitor import Monitor

__all__ = ["Baseline", "BaselineInvalid", "Monitor"]
