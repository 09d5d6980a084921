"""Reads a program without running it: which head meets which loss and which metrics."""
