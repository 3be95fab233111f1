"""A real model, real traffic and a real cluster: the rollout one can watch at home."""
