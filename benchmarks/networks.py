"""Networks of a `GlassMLP` side by side, against one alone: processor time, random features.

    OMP_NUM_THREADS=1 python benchmarks/networks.py

Needs PyTorch; half a minute.
"""

from __future__ import annotations

import time

import numpy as np

from vitreous.liquid import KobAndersen2D
from vitreous.models import GlassMLP

N_CONFIGURATIONS, N_PARTICLES, N_FEATURES = 24, 774, 261
STAGES = {"learning_rates": (5e-3,), "second_learning_rates": (4e-4,), "device": "cpu"}


def main() -> None:
    """Train one and eight for as many epochs and print the ratio."""
    rng = np.random.default_rng(0)
    system = KobAndersen2D()
    configurations = [
        system.random_configuration(N_PARTICLES, rng) for _ in range(N_CONFIGURATIONS)
    ]
    X = rng.normal(size=(N_CONFIGURATIONS * N_PARTICLES, N_FEATURES)).astype(np.float32)
    y = abs(X[:, 0]) + 0.5 * rng.normal(size=len(X))
    groups = np.repeat(np.arange(N_CONFIGURATIONS), N_PARTICLES)

    def seconds(n_networks: int, max_epochs: int = 20) -> float:
        began = time.process_time()
        GlassMLP(n_networks=n_networks, max_epochs=max_epochs, **STAGES).fit(
            X, y, groups, configurations
        )
        return time.process_time() - began

    seconds(1, max_epochs=1)
    alone, beside = seconds(1), seconds(8)
    print(f"one {alone:.1f} s, eight {beside:.1f} s, {8 * alone / beside:.1f} times as fast")


if __name__ == "__main__":
    main()
