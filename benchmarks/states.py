"""Time what is described at short times beside what is described at rest, on one core.

One liquid of KA2D (N = 1290, from the packaged sample, T = 0.36) and one of KA (N = 4096, cooled
here to T = 0.64 for a few time units). Times are the smallest of three calls, in milliseconds of
processor time, and beside them as multiples of the physics-inspired columns of the inherent
structure, which is what to keep::

    python benchmarks/states.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

from vitreous.datasets import load_ka2d
from vitreous.descriptors import (
    BallisticDescriptor,
    CageDescriptor,
    MeanPathDescriptor,
    PhysicsInspiredDescriptor,
)
from vitreous.liquid import Configuration, KobAndersen, KobAndersen2D, System
from vitreous.simulate import (
    CageFromRest,
    EmbeddedEngine,
    PathFromRest,
    cage_average,
    maxwell_velocities,
    minimize,
)


def milliseconds(function: Callable[[], object], repeats: int = 3) -> float:
    function()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return 1000 * min(times)


def hot_liquid() -> tuple[System, Configuration]:
    system, temperature = KobAndersen(), 0.64
    start = minimize(system, system.random_configuration(4096, 1), force_tolerance=0.1)
    velocities = maxwell_velocities(4096, 3, temperature, 1)
    (end,) = EmbeddedEngine(system).run(
        start.configuration, times=[5], velocities=velocities, temperature=temperature
    )
    positions = start.configuration.with_positions(end.positions)
    return system, positions.with_temperature(temperature)


def measure(system: System, configuration: Configuration, short: CageFromRest) -> None:
    inherent = minimize(system, configuration).configuration
    temperature = configuration.require_temperature()
    described = {
        "physics-inspired": (PhysicsInspiredDescriptor(system), inherent),
        "ballistic": (BallisticDescriptor(system), configuration),
        "path from rest": (MeanPathDescriptor(PathFromRest(system)), configuration),
        "cage from rest, with its minimisation": (CageDescriptor(short), configuration),
    }
    times = {"minimisation": milliseconds(lambda: minimize(system, configuration))}
    for name, (descriptor, state) in described.items():
        descriptor.fit([state])
        times[name] = milliseconds(lambda d=descriptor, s=state: d.transform([s]))
    times["cage of one run of 50"] = milliseconds(
        lambda: cage_average(system, inherent, temperature, random_state=1), 1
    )
    print(f"{system.name}, N = {configuration.n_particles}")
    for name, value in times.items():
        print(f"  {name:40s} {value:8.0f} ms   {value / times['physics-inspired']:6.1f}")


def main() -> None:
    flat = KobAndersen2D()
    measure(flat, load_ka2d().configurations[-1], CageFromRest(flat))
    system, configuration = hot_liquid()
    measure(system, configuration, CageFromRest(system, duration=4.0, time_step=0.01))


if __name__ == "__main__":
    main()
