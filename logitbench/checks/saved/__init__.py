"""Reads a ``.keras`` file as data: what it holds is never made into objects, and no Keras is imported."""
