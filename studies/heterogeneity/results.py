"""What a study of dynamic heterogeneity finds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...campaigns import CampaignData
from ...dynamics import DynamicHeterogeneity, Estimate, GlassTransition, RelaxationLaw
from ...liquid import Configuration
from ...models import TransferMatrix
from .routes import Calibrated


@dataclass(frozen=True, eq=False)
class Predicted:
    """What a model predicts at one temperature.

    Attributes
    ----------
    fields : list of ndarray, shape (N,)
        Share of broken bonds, 1 - C_B, of every particle of each configuration.
    heterogeneity : DynamicHeterogeneity
    agreement : dict of str to Estimate or None
        How well the fields agree with the simulated labels, where there are any; see
        `vitreous.models.agreement`.
    without_networks : list of DynamicHeterogeneity
        Of the fields without each network that they are the mean of; empty if there are none.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import measure_heterogeneity
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.studies import Predicted
    >>> liquids = [KobAndersen2D().random_configuration(430, seed) for seed in range(3)]
    >>> fields = list(np.random.default_rng(0).random((3, 430)))
    >>> cold = Predicted(fields, measure_heterogeneity(liquids, fields), agreement=None)
    >>> cold.heterogeneity.strength.n_configurations
    3
    """

    fields: list[NDArray[np.float64]]
    heterogeneity: DynamicHeterogeneity
    agreement: dict[str, Estimate] | None
    without_networks: list[DynamicHeterogeneity] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class LargeBoxResults:
    """Predictions for larger liquids, and the same corrected by what is known of smaller ones.

    Attributes
    ----------
    structures : dict of float to list of Configuration
    predicted : dict of str to dict of float to Predicted
    calibrated : dict of str to dict of float to Calibrated

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.studies import LargeBoxResults
    >>> liquid = KobAndersen2D().random_configuration(5160, 0)
    >>> round(LargeBoxResults({0.3: [liquid]}, {}, {}).box_length, 1)
    65.8
    """

    structures: dict[float, list[Configuration]]
    predicted: dict[str, dict[float, Predicted]]
    calibrated: dict[str, dict[float, Calibrated]]

    @property
    def box_length(self) -> float:
        """Smallest side of the box."""
        return float(min(next(iter(self.structures.values()))[0].box.lengths))


@dataclass(frozen=True, eq=False)
class HeterogeneityResults:
    """Everything that the report of a study of heterogeneity shows; most keys are temperatures.

    Attributes
    ----------
    data : CampaignData
    laws : dict of str to RelaxationLaw
        Fitted to the bond-breaking times.
    transitions : dict of str to GlassTransition
        For the laws that reach it.
    fields : dict of float to list of ndarray
        Simulated share of broken bonds at the relaxation time.
    noise_ceilings : dict of float to float
    simulated : dict of float to DynamicHeterogeneity
    predicted : dict of str to dict of float to Predicted
        Predictions of each regressor. For a simulated temperature the model was trained on all
        other simulated temperatures; for a colder one, on all simulated temperatures.
    extrapolated : dict of str to dict of float to Predicted
        Predictions at simulated temperatures by models trained only on hotter ones, two or more.
    calibrated : dict of str to dict of float to Calibrated
        The predictions of each regressor at each temperature, corrected by what its predictions
        leave out at all other simulated temperatures.
    calibrated_extrapolated : dict of str to dict of float to Calibrated
        The same for the predictions of `extrapolated`, from three hotter temperatures or more.
    transfer : TransferMatrix
        Of ridge regressions trained at one temperature each.
    memory : dict of float to Estimate
        How much annealed liquids remember: correlation of the map that the first regressor
        predicts for a configuration with that for the configuration which its run went on from.
        Empty if every run started from random positions.
    large : LargeBoxResults or None
        Predictions for larger liquids, if the settings ask for them.

    Examples
    --------
    The study behind them simulates for hours:

    >>> from vitreous.studies import open_study
    >>> results = open_study("ka2d_to_tg", "study").run()  # doctest: +SKIP
    >>> results.predicted["ridge"][0.18].heterogeneity.fit.length  # doctest: +SKIP
    """

    data: CampaignData
    laws: dict[str, RelaxationLaw]
    transitions: dict[str, GlassTransition]
    fields: dict[float, list[NDArray[np.float64]]]
    noise_ceilings: dict[float, float]
    simulated: dict[float, DynamicHeterogeneity]
    predicted: dict[str, dict[float, Predicted]]
    extrapolated: dict[str, dict[float, Predicted]]
    calibrated: dict[str, dict[float, Calibrated]]
    calibrated_extrapolated: dict[str, dict[float, Calibrated]]
    transfer: TransferMatrix
    memory: dict[float, Estimate]
    large: LargeBoxResults | None = None
