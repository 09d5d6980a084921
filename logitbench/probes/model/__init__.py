"""A user's model: its heads, losses and metrics, and what to change."""
