"""What models of a study of transfer see."""

from __future__ import annotations

from sklearn.pipeline import FeatureUnion

from ...descriptors import CageDescriptor, StateUnion, StretchedBonds
from ...liquid import Configuration, System
from ...simulate import CageFromRest, InherentStructure
from ...workflows.catalogue import DESCRIPTORS, heated_columns, make_model

# Slow motion within cages takes tens of units of time. A study is of boxes of one size: runs may be
# longer than those that repeat in a larger box.
_LONG = 40.0


def three_regimes(
    system: System, example: Configuration, inherent: str, heated: float | None = None
) -> FeatureUnion:
    """Columns of thermal configurations for the first collision, the cage and relaxation.

    Those of the first collision and the cage are the ones that `TimeScaleRegressor` has by default,
    and the cage once more from longer runs; those of bonds say which were caught on their way out;
    those of relaxation are a set of descriptors, by its name, of the inherent structure, and short
    runs at a temperature `heated`, if it is given.
    """
    motion = make_model(system, example, "time-scales")
    long_runs = CageFromRest(system, releases=(0.7, 1.4), duration=_LONG)
    rest = InherentStructure(system)
    relaxation = StateUnion([("inherent", rest)], DESCRIPTORS[inherent](system), differences=False)
    columns = [
        ("short", motion.short),
        ("cage", motion.cage),
        ("plateau", CageDescriptor(long_runs)),
        ("bonds", StretchedBonds(system, rest)),
        ("cage_bonds", StretchedBonds(system, long_runs)),
        ("relaxation", relaxation),
    ]
    if heated is not None:
        columns.append(("heated", heated_columns(system, heated)))
    return FeatureUnion(columns)
