"""The benchmark of drift: false alarms without it, and how soon a shift of real data is told."""
