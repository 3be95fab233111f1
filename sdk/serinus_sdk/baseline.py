"""The baseline: what a model's training data looked like, as a file that goes with the model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from serinus_sdk.distribution import BaselineInvalid, Distribution, is_text, read_distribution
from serinus_sdk.fetching import PIN, read_source, told

__all__ = ["Baseline", "BaselineInvalid"]

FORMAT = 1
MOST_FEATURES = 100
"""Of 12 bins each: what more would cost Prometheus is worth no drift that one could see."""

SHORT = slice(len("sha256:"), len("sha256:") + 12)
"""So much of a digest says which one is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What the training data looked like."""

    version: str = ""
    """Of the model, in the words of whoever made it."""
    rows: int = 0
    features: Mapping[str, Distribution] = field(default_factory=dict)
    """By name, in the order in which the model takes them."""
    prediction: Distribution | None = None
    quality: Mapping[str, float] = field(default_factory=dict)
    """How good the predictions were: `accuracy`, or `mean_absolute_error`."""

    def __post_init__(self) -> None:
        """Refuse more features than can be watched, and names that can't be told."""
        if not all(map(is_text, self.features)):
            raise BaselineInvalid("a feature's name is no text in UTF-8")
        if len(self.features) > MOST_FEATURES:
            raise BaselineInvalid(f"{len(self.features)} features are more than {MOST_FEATURES}")

    @classmethod
    def fit(cls, rows: Any, predictions: Any = None, **options: Any) -> Self:
        """Return the baseline of training data; `fitting.fit` says what it takes."""
        from serinus_sdk.fitting import fit  # noqa: PLC0415 - a server only reads baselines

        return cls(**fit(rows, predictions, **options))

    @property
    def digest(self) -> str:
        """What identifies the content: sha256 of its canonical JSON."""
        canonical = json.dumps(self._content(), sort_keys=True, separators=(",", ":"))
        return f"sha256:{sha256(canonical.encode()).hexdigest()}"

    def dumps(self) -> str:
        """Return the baseline as JSON, its digest included."""
        return json.dumps({**self._content(), "digest": self.digest}, indent=1) + "\n"

    def save(self, path: str | Path) -> None:
        """Write the baseline to a file."""
        Path(path).write_text(self.dumps(), encoding="utf-8")

    @classmethod
    def load(cls, source: str | Path) -> Self:
        """Read a baseline from a file, such as a mounted ConfigMap, or from an https address.

        Args:
            source: a path or `https://...`; `#sha256:...` at its end is the digest that it must
                have, without which no address is read.

        Raises:
            BaselineInvalid: if there is none, it was changed by hand, or it is another one.
            OSError: there is no such file.
        """
        text, digest = read_source(source)
        place = told(str(source).partition(PIN)[0])
        try:
            read = cls.loads(text)
        except BaselineInvalid as fault:
            raise BaselineInvalid(f"{place}: {fault}") from fault
        if digest and digest != read.digest:
            # Told of a container's end is little: the digest that nobody knows is whole.
            raise BaselineInvalid(f"{place} holds {read.digest}, not {digest[SHORT]}")
        return read

    @classmethod
    def loads(cls, text: str) -> Self:
        """Read a baseline from JSON.

        Raises:
            BaselineInvalid: if it is none, or was changed by hand.
        """
        try:
            raw = json.loads(text)
            _refuse_other_formats(raw["format"])
            prediction = raw["prediction"]
            read = cls(
                version=str(raw["version"]),
                rows=int(raw["rows"]),
                features={str(name): read_distribution(each) for name, each in raw["features"]},
                prediction=None if prediction is None else read_distribution(prediction),
                quality={str(name): float(value) for name, value in raw["quality"].items()},
            )
            digest = raw["digest"]
        except BaselineInvalid:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise BaselineInvalid(f"not a baseline: {fault!r}") from fault
        if digest != read.digest:
            raise BaselineInvalid("its digest is not that of its content: build it anew")
        return read

    def _content(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": self.version,
            "rows": self.rows,
            # A list: the order is the model's, and objects of JSON have none.
            "features": [[name, each.as_json()] for name, each in self.features.items()],
            "prediction": self.prediction.as_json() if self.prediction else None,
            "quality": dict(self.quality),
        }


def _refuse_other_formats(number: Any) -> None:
    if number != FORMAT:
        raise BaselineInvalid(f"format {number!r} is not {FORMAT}")
