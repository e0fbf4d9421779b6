"""Swap Monte Carlo, displacements alone and molecular dynamics on the way to equilibrium.

``python benchmarks/equilibration.py run FOLDER`` prepares KA2D, N = 1290, at T = 0.30 and 0.231
from quenched random positions, and from below, some fifteen minutes on one core; runs that are in
the folder already are not repeated. ``python benchmarks/equilibration.py show FOLDER FIGURE``
prints energies and tests and draws the energies against the computing time.
"""

from __future__ import annotations

import sys
import time
from itertools import product
from pathlib import Path

import numpy as np

from vitreous.liquid import Configuration, KobAndersen2D
from vitreous.plots import PAGE_WIDTH, figure, style
from vitreous.simulate import (
    EmbeddedEngine,
    Equilibration,
    InherentStructure,
    SwapMonteCarlo,
    equilibrium_test,
    maxwell_velocities,
    minimize,
)

SYSTEM = KobAndersen2D()
N_PARTICLES = 1290
PUBLISHED = {0.30: -2.601, 0.231: -2.68}
N_SWEEPS = {0.30: 40_000, 0.231: 150_000}
MD_TIME = 4000.0
SEEDS = {"above": (0, 1), "below": (2, 3), "displacements": (0, 1), "dynamics": (0, 1)}
LABELS = {
    "above": "swap, from a quench",
    "below": "swap, from below",
    "displacements": "displacements alone",
    "dynamics": "molecular dynamics",
}
# Okabe and Ito: told apart by the colour-blind.
COLORS = {
    "above": "#0072b2",
    "below": "#e69f00",
    "displacements": "#009e73",
    "dynamics": "#cc79a7",
}
KINDS = {0.30: tuple(SEEDS), 0.231: ("above", "below")}


def quench(seed: int) -> tuple[Configuration, np.random.Generator]:
    """Return the inherent structure of random positions, down to a force of 0.1."""
    rng = np.random.default_rng(seed)
    start = SYSTEM.random_configuration(N_PARTICLES, rng)
    return minimize(SYSTEM, start, force_tolerance=0.1).configuration, rng


def run(temperature: float, kind: str, seed: int) -> Equilibration:
    """Run one way down; the sweeps of molecular dynamics are its times."""
    start, rng = quench(seed)
    if kind == "dynamics":
        return dynamics(start, temperature, rng)
    swap = SwapMonteCarlo(SYSTEM, swap_fraction=0.0 if kind == "displacements" else 0.2)
    if kind == "below":
        start = swap.run(start, 0.85 * temperature, N_SWEEPS[temperature], rng).configuration
    result = swap.run(start, temperature, N_SWEEPS[temperature], rng)
    return Equilibration(
        result.configuration,
        "below" if kind == "below" else "above",
        result.sweeps,
        result.energies,
        result.displacement_acceptance,
        float(np.mean(list(result.swap_acceptance.values()))),
        swap.displacement,
    )


def dynamics(start: Configuration, temperature: float, rng: np.random.Generator) -> Equilibration:
    """Molecular dynamics at constant temperature."""
    velocities = maxwell_velocities(N_PARTICLES, SYSTEM.dimensions, temperature, rng)
    times = np.arange(1, int(MD_TIME) + 1)
    energies = []
    for snapshot in EmbeddedEngine(SYSTEM).run(
        start, times=times, velocities=velocities, temperature=temperature, random_state=rng
    ):
        energies.append(snapshot.potential_energy / N_PARTICLES)
    end = start.with_positions(snapshot.positions)
    return Equilibration(end, "above", times, np.array(energies), np.nan, np.nan, np.nan)


def run_all(folder: Path) -> None:
    """Run what is not there yet and note the seconds of processor time."""
    folder.mkdir(parents=True, exist_ok=True)
    for temperature, kinds in KINDS.items():
        for kind, place in product(kinds, range(2)):
            path = folder / f"T{temperature}_{kind}_{SEEDS[kind][place]}.gsd"
            if path.exists():
                continue
            begin = time.process_time()
            result = run(temperature, kind, SEEDS[kind][place])
            seconds = time.process_time() - begin
            path.with_suffix(".seconds").write_text(f"{seconds:.1f}\n")
            result.save(path)
            late = result.energies[len(result.energies) // 2 :]
            print(f"{path.name}: {late.mean():.4f}, {seconds:.0f} s", flush=True)


def show(folder: Path, picture: Path) -> None:
    """Print what the runs say and draw them."""
    with style():
        made, axes = figure(PAGE_WIDTH, 2.6, ncols=2)
        for temperature, ax in zip(KINDS, axes[0], strict=True):
            print(f"T = {temperature}, published energy {PUBLISHED[temperature]}")
            runs = {
                path: Equilibration.load(path)
                for path in sorted(folder.glob(f"T{temperature}_*"))
                if path.suffix == ".gsd"
            }
            for path, result in runs.items():
                kind = path.stem.split("_")[1]
                seconds = float(path.with_suffix(".seconds").read_text())
                quarters = [part.mean() for part in np.array_split(result.energies, 4)]
                print(f"  {path.stem}, {seconds:.0f} s, quarters", np.round(quarters, 4))
                # A run from below spends half its time on getting there.
                shown = seconds / (2 if kind == "below" else 1)
                blocks = np.array_split(result.energies, 60)
                ax.plot(
                    shown * (np.arange(60) + 0.5) / 60,
                    [block.mean() for block in blocks],
                    color=COLORS[kind],
                    label=LABELS[kind] if path.stem.endswith(("_0", "_2")) else None,
                )
            swapped = [
                run for path, run in runs.items() if path.stem.split("_")[1] in ("above", "below")
            ]
            print("  swap:", equilibrium_test(swapped))
            minima = InherentStructure(SYSTEM).fit_transform([run.configuration for run in swapped])
            inherent = [SYSTEM.potential_energy(minimum) / N_PARTICLES for minimum in minima]
            error = np.std(inherent, ddof=1) / np.sqrt(len(inherent))
            print(f"  inherent energy {np.mean(inherent):.4f} ± {error:.4f}")
            ax.axhline(PUBLISHED[temperature], color="0.6", linestyle=":")
            ax.set(xlabel="processor time (s)", title=f"$T={temperature:g}$")
            ax.legend()
        axes[0, 0].set(ylabel=r"energy per particle ($\epsilon_{AA}$)", ylim=(-2.62, -2.4))
        axes[0, 1].set(ylim=(-2.70, -2.62))
        made.savefig(picture)


if __name__ == "__main__":
    if sys.argv[1] == "run":
        run_all(Path(sys.argv[2]))
    else:
        show(Path(sys.argv[2]), Path(sys.argv[3]))
