"""For people at a terminal: kubectl serinus."""
