"""Whole rollouts on a fake world: a script of behaviour in, a trail of decisions out."""
