"""Rules side by side on the same traffic: who rolls back what, how soon, and at what price."""
