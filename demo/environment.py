"""Settings come from environment variables, and a bad one is named in the error."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


class SettingError(ValueError):
    """The person who wrote the pod's environment must fix this."""


@dataclass(frozen=True)
class Environment:
    """Typed look-ups in environment variables."""

    variables: Mapping[str, str]

    def text(self, name: str, default: str | None = None) -> str:
        value = self.variables.get(name, "").strip() or default
        if value is None:
            raise SettingError(f"{name} must be set")
        return value

    def number(self, name: str, default: float, low: float, high: float) -> float:
        written = self.text(name, str(default))
        try:
            value = float(written)
        except ValueError:
            value = math.nan
        if not low <= value <= high:  # NaN is in no range
            raise SettingError(f"{name}={written!r} is no number from {low:g} to {high:g}")
        return value

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        value = self.number(name, default, low, high)
        if not value.is_integer():
            raise SettingError(f"{name}={value!r} is no whole number")
        return int(value)

    def share(self, name: str) -> float:
        return self.number(name, 0.0, 0.0, 1.0)

    def switch(self, name: str) -> bool:
        written = self.text(name, "false").lower()
        if written not in _TRUE | _FALSE:
            raise SettingError(f"{name}={written!r} is neither true nor false")
        return written in _TRUE
