"""Many models at once on a real API server: what they cost, and how late the operator gets."""
