"""Engines and moves that bring a liquid to equilibrium and follow it from there."""

from .embedded import EmbeddedEngine, Snapshot, maxwell_velocities

__all__ = ["EmbeddedEngine", "Snapshot", "maxwell_velocities"]
