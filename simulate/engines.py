"""Which engine to run, and whether it can."""

from __future__ import annotations

from typing import Literal

from ..liquid import PolydisperseSystem, System
from .embedded import EmbeddedEngine
from .engine import Engine
from .hoomd_blue import HoomdEngine, gpu_is_available

EngineName = Literal["auto", "embedded", "hoomd"]

# Where a GPU runs faster than one core has not been measured; below, it certainly starves.
_LARGE = 20_000


def get_engine(
    system: System,
    engine: EngineName | Engine = "auto",
    *,
    n_particles: int = 0,
    time_step: float | None = None,
) -> Engine:
    """Find the engine to run a system with.

    Parameters
    ----------
    system : System
    engine : {"auto", "embedded", "hoomd"} or Engine
        ``auto`` is the embedded engine, which repeats bit by bit and on a processor is the fastest,
        unless the system has 20 000 particles or more and HOOMD-blue finds a GPU. An engine is
        returned as it is.
    n_particles : int
        Number of particles that will run.
    time_step : float, optional
        In units of sigma_AA (m / eps_AA)^1/2; `system.time_step` by default.

    Returns
    -------
    Engine

    Raises
    ------
    ValueError
        If the name is unknown, or the engine belongs to another system.
    ImportError
        If HOOMD-blue is asked for and absent, or of an unsupported version.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import get_engine
    >>> get_engine(KobAndersen2D(), n_particles=1290)
    EmbeddedEngine(KobAndersen2D('KA2D'), time_step=0.01, skin=0.35)
    """
    if isinstance(engine, Engine):
        if engine.system.name != system.name:
            raise ValueError(f"the engine runs {engine.system.name}, not {system.name}")
        return engine
    if engine == "hoomd":
        return HoomdEngine(system, time_step=time_step)
    if engine == "embedded":
        return EmbeddedEngine(system, time_step=time_step)
    if engine != "auto":
        raise ValueError(
            f"unknown engine {engine!r}; choose 'auto', 'embedded' or 'hoomd', or give an object "
            "with all that Engine has"
        )
    suits_gpu = n_particles >= _LARGE and not isinstance(system, PolydisperseSystem)
    if suits_gpu and gpu_is_available():
        return HoomdEngine(system, time_step=time_step, device="gpu")
    return EmbeddedEngine(system, time_step=time_step)


def check_engine(system: System, engine: EngineName | Engine = "auto", *, n_particles: int) -> None:
    """Refuse an engine that cannot run so many particles of a system, before there is a liquid.

    Parameters
    ----------
    system : System
    engine : {"auto", "embedded", "hoomd"} or Engine
        As in `get_engine`.
    n_particles : int
        Number of particles that will run, in the box that `System.box` makes for them.

    Raises
    ------
    ValueError
        If the engine cannot treat the system, the box is too small for its cutoff, or the name is
        unknown.
    ImportError
        If HOOMD-blue is asked for and absent, or of an unsupported version.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen
    >>> from vitreous.simulate import check_engine
    >>> check_engine(KobAndersen(), n_particles=1000)
    >>> check_engine(KobAndersen(), n_particles=100)
    Traceback (most recent call last):
        ...
    ValueError: the cutoff 2.5 exceeds half the shortest box length 4.3679; use more particles
    """
    chosen = get_engine(system, engine, n_particles=n_particles)
    chosen.require(system.random_configuration(n_particles, random_state=0))
