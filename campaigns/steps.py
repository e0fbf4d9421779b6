"""The steps of a campaign, each a function of files that leaves one sealed file.

They take paths instead of contents: messages to other processes stay small, and a worker that is
lost takes nothing with it that another could not read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gsd.hoomd
import numpy as np
from joblib import parallel_config
from numpy.typing import NDArray

from ..datasets import LabelledConfiguration, write_gsd
from ..liquid import Configuration, System
from ..simulate.engines import EngineName, get_engine
from ..simulate.equilibrate import BELOW, Equilibration, Start, equilibrate, equilibrate_from
from ..simulate.isoconfigurational import isoconfigurational_ensemble
from ..simulate.minimize import minimize
from ..simulate.relaxation import Relaxation, measure_relaxation
from ..simulate.swap import SwapMonteCarlo
from ..storage.atomic import atomic_path
from ..storage.seals import seal
from .settings import Moves, RelaxationSettings


def make_equilibration(
    path: Path,
    system: System,
    n_particles: int,
    temperature: float,
    moves: Moves,
    start: Start,
    seed: int,
) -> None:
    """Run swap Monte Carlo from random positions."""
    run = equilibrate(
        system,
        n_particles,
        temperature,
        n_sweeps=moves.n_sweeps,
        start=start,
        sampler=_sampler(system, moves),
        target_acceptance=moves.target_acceptance,
        random_state=seed,
    )
    run.save(path)
    seal(path)


def make_annealing(
    path: Path,
    system: System,
    temperature: float,
    moves: Moves,
    start: Start,
    seed: int,
    previous: Path,
    turning: bool,
) -> None:
    """Go on at one temperature from the end of the run at the previous one.

    Where cooling turns to heating, as many sweeps at a lower temperature come first.
    """
    sampler = _sampler(system, moves)
    rng = np.random.default_rng(seed)
    configuration = Equilibration.load(previous).configuration
    if turning:
        configuration = sampler.run(
            configuration, BELOW * temperature, moves.n_sweeps, random_state=rng
        ).configuration
    run = equilibrate_from(
        configuration,
        temperature,
        sampler,
        n_sweeps=moves.n_sweeps,
        start=start,
        random_state=rng,
    )
    run.save(path)
    seal(path)


def _sampler(system: System, moves: Moves) -> SwapMonteCarlo:
    return SwapMonteCarlo(system, swap_fraction=moves.swap_fraction, draw=moves.draw)


def make_inherent_structure(path: Path, system: System, run: Path) -> None:
    """Minimise the energy of an equilibrated configuration."""
    quenched = minimize(system, Equilibration.load(run).configuration)
    frame = quenched.configuration.to_gsd()
    frame.log["energy"] = np.array([quenched.energy])
    with atomic_path(path) as partial, gsd.hoomd.open(partial, "w") as file:
        file.append(frame)
    seal(path)


def load_inherent_structure(path: Path) -> tuple[Configuration, float]:
    """Read an inherent structure and its energy per particle."""
    with gsd.hoomd.open(path, "r") as file:
        frame = file[0]
    return Configuration.from_gsd(frame), float(frame.log["energy"][0])


def make_relaxation(
    path: Path,
    system: System,
    runs: Sequence[Path],
    temperature: float,
    settings: RelaxationSettings,
    engine: EngineName,
    seed: int,
) -> None:
    """Measure how long the configurations of one temperature remember their structure."""
    configurations = [Equilibration.load(run).configuration for run in runs]
    chosen = get_engine(system, engine, n_particles=configurations[0].n_particles)
    relaxation = measure_relaxation(
        system,
        configurations,
        temperature,
        level=settings.bond_breaking,
        longest_time=settings.longest_time,
        random_state=seed,
        engine=chosen,
    )
    with atomic_path(path) as partial:
        np.savez(partial, engine=str(chosen.description), **vars(relaxation))
    seal(path)


def load_relaxation(path: Path) -> Relaxation:
    """Read relaxation times; what they were measured with lies beside them, as ``engine``."""
    with np.load(path) as stored:
        return Relaxation(**{name: stored[name][()] for name in stored if name != "engine"})


def make_labels(
    path: Path,
    system: System,
    run: Path,
    temperature: float,
    times: NDArray[np.float64],
    n_replicas: int,
    engine: EngineName,
    in_equilibrium: bool,
    seed: int,
) -> None:
    """Run an isoconfigurational ensemble; its replicas take turns, ensembles run side by side."""
    configuration = Equilibration.load(run).configuration
    chosen = get_engine(system, engine, n_particles=configuration.n_particles)
    with parallel_config(backend="sequential"):
        labels = isoconfigurational_ensemble(
            system,
            configuration,
            temperature,
            times,
            n_replicas=n_replicas,
            random_state=seed,
            engine=chosen,
        )
    data = LabelledConfiguration(
        configuration,
        labels,
        system.name,
        temperature,
        str(path),
        in_equilibrium,
        str(chosen.description),
    )
    write_gsd(data, path)
    seal(path)
