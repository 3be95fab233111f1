"""What is told: conditions, status and events, written when they differ."""
