"""Activations: values, derivatives, where they saturate and die."""
