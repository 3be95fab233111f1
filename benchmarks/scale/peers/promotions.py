"""When a version was promoted by an operator that writes so before or after its routes."""

from itertools import pairwise

from benchmarks.scale.router import Models, Routes


class Promotions(Models):
    """When each version was the only one to stay, and no request went to another."""

    def __init__(self, routes: Routes) -> None:
        super().__init__()
        self._routes = routes

    def stable_at(self, model: str, version: str) -> float:
        """Return when its route was not split any more, it being said to stay by then."""
        said = self.said_at.get((model, version))
        if said is None:
            return 0.0
        changes = [*self._routes.changes.get(model, []), (float("inf"), 0)]
        for (at, split), (until, _) in pairwise(changes):
            if not split and until > said:
                return max(at, said)
        return 0.0
