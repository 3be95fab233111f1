"""Programs that run in a model's pod, by themselves: read as text, never imported."""
