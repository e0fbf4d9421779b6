"""What models of a study of transfer see, and the regression that takes it."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone
from sklearn.pipeline import FeatureUnion, make_pipeline

from ...descriptors import CageDescriptor
from ...liquid import Configuration, System
from ...models import GroupedRidge, TwoLevelRidge
from ...simulate import CageFromRest, InherentStructure
from ...workflows.catalogue import DESCRIPTORS, make_model

_OF_SHELLS = "relaxation__shells__"

# Slow motion within cages takes tens of units of time. A study is of boxes of one size: runs may be
# longer than those that repeat in a larger box.
_LONG = 40.0


def three_regimes(system: System, example: Configuration, inherent: str) -> FeatureUnion:
    """Columns of thermal configurations for the first collision, the cage and relaxation.

    Those of the first collision and the cage are the ones that `TimeScaleRegressor` has by default,
    and the cage once more from longer runs; those of relaxation are a set of descriptors, by its
    name, of the inherent structure.
    """
    motion = make_model(system, example, "time-scales")
    plateau = CageDescriptor(CageFromRest(system, releases=(0.7, 1.4), duration=_LONG))
    relaxation = make_pipeline(InherentStructure(system), DESCRIPTORS[inherent](system))
    return FeatureUnion(
        [
            ("short", motion.short),
            ("cage", motion.cage),
            ("plateau", plateau),
            ("relaxation", relaxation),
        ]
    )


def ridge_of(descriptor: Any, example: Configuration) -> Any:
    """Ridge regression as `vitreous.workflows.make_model` has it for such columns.

    Of two levels where there are energies, from which the mean of a configuration is predicted; all
    columns are then favoured before shells.
    """
    names = clone(descriptor).fit([example]).get_feature_names_out().tolist()
    energies = [k for k, name in enumerate(names) if "energy[" in name]
    if not energies:
        return GroupedRidge()
    favored = [k for k, name in enumerate(names) if not name.startswith(_OF_SHELLS)]
    return TwoLevelRidge(
        mean_columns=energies, favored_columns=favored if len(favored) < len(names) else None
    )
