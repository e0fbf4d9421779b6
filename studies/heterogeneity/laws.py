"""Laws of relaxation: fitted to what is simulated and published, and which of them survive."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import numpy as np

from ...dynamics import (
    GlassTransition,
    ParameterAtBoundWarning,
    RelaxationLaw,
    fit_relaxation_law,
    glass_transition,
)
from ...dynamics.relaxation_laws import LawName
from ...simulate import Relaxation

# A law is excluded if deviations as large as those found have a smaller probability.
_EXCLUDED_BELOW = 0.01


def fitted_laws(
    relaxations: Mapping[float, Relaxation], published: Iterable[Sequence[float]]
) -> dict[str, RelaxationLaw]:
    """Fit the laws; those of three parameters where there are more times than that, and they fit.

    `published` holds temperatures, bond-breaking times and errors of their logarithms. A VFT law
    that does not diverge is the Arrhenius law, and is left out.
    """
    points = [
        (t, r.bond_breaking_time, r.bond_breaking_time_standard_error / r.bond_breaking_time)
        for t, r in relaxations.items()
    ]
    points += [(t, time, error) for t, time, error in published]
    temperatures, times, errors = np.array(points).T
    laws = {"arrhenius": fit_relaxation_law(temperatures, times, errors, "arrhenius")}
    others: tuple[LawName, ...] = ("vft", "parabolic") if len(times) > 3 else ()
    for name in others:
        with suppress(ValueError), warnings.catch_warnings():
            # The report tells which of the parameters are at a bound.
            warnings.simplefilter("ignore", ParameterAtBoundWarning)
            law = fit_relaxation_law(temperatures, times, errors, name)
            if not (name == "vft" and "divergence" in law.at_bound):
                laws[name] = law
    return laws


def surviving_laws(laws: Mapping[str, RelaxationLaw]) -> list[str]:
    """Name the laws that the times do not exclude, the most probable first; one at least."""
    ranked = sorted(laws, key=lambda name: -_probability(laws[name]))
    return [ranked[0], *(k for k in ranked[1:] if _probability(laws[k]) >= _EXCLUDED_BELOW)]


def transitions_of(
    laws: Mapping[str, RelaxationLaw], relaxations: Mapping[float, Relaxation]
) -> dict[str, GlassTransition]:
    """Extrapolate the laws to the glass transition, where they reach it.

    The onset is that of the parabolic law, or the hottest simulated temperature if that is colder.
    """
    hottest = max(relaxations)
    onset_time = float(relaxations[hottest].bond_breaking_time)
    if "parabolic" in laws and laws["parabolic"].parameters["onset"] <= hottest:
        onset_time = float(laws["parabolic"](laws["parabolic"].parameters["onset"]))
    found = {}
    for name, law in laws.items():
        with suppress(ValueError):
            found[name] = glass_transition(law, onset_time)
    return found


def _probability(law: RelaxationLaw) -> float:
    """P value; a law with as many parameters as there are times is not excluded by them."""
    return law.p_value if law.degrees_of_freedom else 1.0
