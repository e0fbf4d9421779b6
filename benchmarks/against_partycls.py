"""Time order parameters beside partycls, on one core.

partycls 2.0.2 needs NumPy 1 and vitreous NumPy 2, so that the two run in environments of their own
and share a configuration by a file: an inherent structure of the Kob-Andersen mixture, N = 4096.
Run this first with vitreous, then with partycls::

    python benchmarks/against_partycls.py ka.xyz
    partycls-environment/bin/python benchmarks/against_partycls.py ka.xyz

partycls builds with a Fortran compiler and ``pip install --no-build-isolation partycls`` where
``"numpy<2" "setuptools<60" wheel scikit-learn`` are installed, on Python 3.11 or older. Times are
the smallest of several calls, in milliseconds of processor time. Beside them is the mean of all
features: the same for both, but for the bond order, where vitreous follows Gaussians to 5.5 widths
and partycls to 2.5.
"""

import importlib.util
import sys
import time

import numpy as np

N_PARTICLES = 4096
ORDERS = list(range(1, 13))
SHELLS = np.arange(1.0, 2.55, 0.1)
CUTOFFS = [[1.4, 1.12], [1.12, 1.232]]  # 1.4 sigma


def report(name, compute, repeats):
    times = []
    for _ in range(repeats):
        start = time.process_time()
        features = compute()
        times.append(1000 * (time.process_time() - start))
    print(f"{name}: {min(times):.1f} ms, mean {np.mean(features):.6f}")


def with_vitreous(path):
    from threadpoolctl import threadpool_limits

    from vitreous.descriptors import (
        BondOrderDescriptor,
        SmoothedBondOrderDescriptor,
        TetrahedralityDescriptor,
    )
    from vitreous.liquid import KobAndersen
    from vitreous.simulate import minimize

    system = KobAndersen()
    configuration = system.random_configuration(N_PARTICLES, random_state=1)
    configuration = minimize(system, configuration).configuration
    sides = ",".join(repr(float(side)) for side in configuration.box.lengths)
    lines = [str(N_PARTICLES), f"columns:id,pos cell:{sides}"]
    for kind, position in zip(configuration.types, configuration.positions, strict=True):
        lines.append(" ".join(["AB"[kind], *(repr(float(x)) for x in position)]))
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    descriptors = {
        "bond order, 12 orders on 16 shells": BondOrderDescriptor(ORDERS, SHELLS, 0.1),
        "smoothed bond order, 8 orders": SmoothedBondOrderDescriptor(CUTOFFS, np.arange(1, 9)),
        "tetrahedrality": TetrahedralityDescriptor(CUTOFFS),
    }
    with threadpool_limits(1):
        for name, descriptor in descriptors.items():
            descriptor.fit_transform([configuration])  # Compiles.
            report(name, lambda d=descriptor: d.transform([configuration]), repeats=5)


def with_partycls(path):
    from partycls import Trajectory
    from partycls.descriptors import (
        RadialBondOrientationalDescriptor,
        SmoothedBondOrientationalDescriptor,
        TetrahedralDescriptor,
    )

    def bond_order(trajectory):
        return RadialBondOrientationalDescriptor(
            trajectory, orders=ORDERS, distance_grid=list(SHELLS), delta=0.1
        )

    descriptors = {
        "bond order, 12 orders on 16 shells": bond_order,
        "smoothed bond order, 8 orders": SmoothedBondOrientationalDescriptor,
        "tetrahedrality": TetrahedralDescriptor,
    }
    for name, make in descriptors.items():
        trajectory = Trajectory(path)
        trajectory.nearest_neighbors_method = "fixed"
        trajectory.nearest_neighbors_cutoffs = [CUTOFFS[0][0], CUTOFFS[0][1], *CUTOFFS[1]]
        report(name, lambda m=make, t=trajectory: m(t).compute(), repeats=1)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if importlib.util.find_spec("vitreous"):
        with_vitreous(sys.argv[1])
    else:
        with_partycls(sys.argv[1])
