"""Where things lie: what is kept between runs (cache), what a running node needs (state)."""

import os
from pathlib import Path


def _base(variable: str, default: str) -> Path:
    given = os.environ.get(variable, "")
    return Path(given) if given.startswith("/") else Path.home() / default


def cache_directory() -> Path:
    """Programs, images and layers by version; removing it costs time, nothing else."""
    return _base("XDG_CACHE_HOME", ".cache") / "serinus"


def state_directory() -> Path:
    """Processes, data and logs of the running cluster; `down` removes it."""
    return _base("XDG_STATE_HOME", ".local/state") / "serinus"


def programs_directory(name: str) -> Path:
    """The directory of one versioned set of programs."""
    return cache_directory() / "programs" / name
