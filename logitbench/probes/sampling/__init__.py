"""Ways to choose a token."""
