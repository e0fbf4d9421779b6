"""Training of bottleneck networks with PyTorch.

The networks of several targets are trained side by side: their weights have a leading axis of
targets, they see the same batches, and as Adam works element by element none feels the others. Such
small networks take little longer together than one of them alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import elu

from ._mlp_losses import (
    absolute_deviation,
    correlation_mismatch,
    spatial_correlations,
    variance_mismatch,
)

Shells = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Weights (K, C, N) of the shells around the centres (C,) of a batch."""


def train_network(
    features: NDArray[np.floating],
    targets: NDArray[np.float64],
    batches: Sequence[NDArray[np.intp]],
    held_out: Sequence[bool],
    shells: Sequence[Shells] | None,
    settings: Any,
    rng: np.random.Generator,
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Train one network for each target.

    Features and targets are standardised with the statistics of the batches that are not held out;
    the weights that are returned undo this.

    Parameters
    ----------
    features : ndarray, shape (n_samples, n_features)
    targets : ndarray, shape (n_samples, n_targets)
    batches : sequence of ndarray of int
        Rows of each batch.
    held_out : sequence of bool
        Which batches only decide when to stop.
    shells : sequence, optional
        For each batch.
    settings : GlassMLP
    rng : numpy.random.Generator

    Returns
    -------
    list of ndarray
        Weights and biases in turn, as `GlassMLP.networks_` keeps them.
    list of ndarray, shape (n_epochs + 1, n_targets)
        Held-out losses of each stage.
    """
    device = _device(settings.device)
    kept = np.concatenate([rows for rows, out in zip(batches, held_out, strict=True) if not out])
    center, scale = _standardization(features[kept])
    target_center, target_scale = _standardization(targets[kept])
    sides: tuple[list[Batch], list[Batch]] = [], []
    for number, (rows, out) in enumerate(zip(batches, held_out, strict=True)):
        x, y = (features[rows] - center) / scale, (targets[rows] - target_center) / target_scale
        sides[bool(out)].append(Batch(x, y, shells[number] if shells else None, device))

    widths = (features.shape[1], *settings.hidden, 1)
    weights = settings.variance_weight, settings.correlation_weight
    stages = [(rate, (0.0, 0.0)) for rate in settings.learning_rates]
    if any(weights):
        stages += [(rate, weights) for rate in settings.second_learning_rates]
    # Generators of their own, so that no target changes what another one meets.
    orders = rng.spawn(len(stages))
    parameters = initial_parameters(widths, rng.spawn(targets.shape[1]), device)
    losses = [
        train_stage(
            parameters,
            *sides,
            learning_rate=rate,
            weights=weights,
            max_epochs=settings.max_epochs,
            patience=settings.patience,
            rng=order,
        )
        for (rate, weights), order in zip(stages, orders, strict=True)
    ]
    network = [parameter.detach().cpu().numpy().astype(np.float64) for parameter in parameters]
    network[1] -= (center / scale) @ network[0]
    network[0] /= scale[:, np.newaxis]
    network[-2] *= target_scale[:, np.newaxis, np.newaxis]
    network[-1] = network[-1] * target_scale[:, np.newaxis] + target_center[:, np.newaxis]
    return network, losses


class Batch:
    """Particles that are shown to the networks together: those of one configuration."""

    def __init__(
        self,
        features: NDArray[np.floating],
        targets: NDArray[np.floating],
        shells: Shells | None,
        device: torch.device,
    ) -> None:
        self.features = torch.as_tensor(features, dtype=torch.float32, device=device)
        self.targets = torch.as_tensor(targets.T, dtype=torch.float32, device=device)
        self._shells = None
        if shells is not None:
            self._shells = tuple(torch.as_tensor(array, device=device) for array in shells)
            self._correlations = spatial_correlations(self.targets, *self._shells)

    def loss(self, parameters: list[Tensor], weights: tuple[float, float]) -> Tensor:
        """Absolute deviation, and the variance and spatial terms with their weights, shape (T,)."""
        of_variance, of_correlations = weights
        predictions = forward(parameters, self.features)
        loss = absolute_deviation(predictions, self.targets)
        if of_variance > 0:
            loss = loss + of_variance * variance_mismatch(predictions, self.targets)
        if of_correlations > 0 and self._shells is not None:
            correlations = spatial_correlations(predictions, *self._shells)
            loss = loss + of_correlations * correlation_mismatch(correlations, self._correlations)
        return loss


def forward(parameters: Sequence[Tensor], features: Tensor) -> Tensor:
    """Predict with all networks, shape (T, N); weights and biases of the layers alternate."""
    values = features
    for layer in range(0, len(parameters), 2):
        values = torch.matmul(values, parameters[layer]) + parameters[layer + 1].unsqueeze(1)
        if layer + 2 < len(parameters):
            values = elu(values)
    return values.squeeze(-1)


def initial_parameters(
    widths: Sequence[int], rngs: Sequence[np.random.Generator], device: torch.device
) -> list[Tensor]:
    """Draw uniform weights of variance ``2 / (inputs + outputs)``; biases start at zero."""
    parameters = []
    for n_in, n_out in pairwise(widths):
        limit = np.sqrt(6 / (n_in + n_out))
        weights = np.stack([rng.uniform(-limit, limit, (n_in, n_out)) for rng in rngs])
        for values in (weights, np.zeros((len(rngs), n_out))):
            tensor = torch.as_tensor(values, dtype=torch.float32, device=device)
            parameters.append(tensor.requires_grad_())
    return parameters


def train_stage(
    parameters: list[Tensor],
    batches: Sequence[Batch],
    held_out: Sequence[Batch],
    *,
    learning_rate: float,
    weights: tuple[float, float],
    max_epochs: int,
    patience: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Train in place until the loss over held-out batches has not fallen for `patience` epochs.

    The networks are left as they were where their held-out loss was least, which may be at the
    start.

    Returns
    -------
    ndarray, shape (n_epochs + 1, T)
        Held-out loss at the start and after each epoch.
    """
    optimizer = torch.optim.Adam(parameters, lr=learning_rate)
    best = [parameter.detach().clone() for parameter in parameters]
    least = _mean_loss(parameters, held_out, weights)
    losses = [least]
    waited = torch.zeros(len(least), dtype=torch.int64, device=least.device)
    for _ in range(max_epochs):
        for number in rng.permutation(len(batches)):
            optimizer.zero_grad()
            batches[number].loss(parameters, weights).sum().backward()
            optimizer.step()
        losses.append(_mean_loss(parameters, held_out, weights))
        improved = (losses[-1] < least) & (waited < patience)
        least = torch.where(improved, losses[-1], least)
        waited = torch.where(improved, 0, waited + 1)
        for kept, parameter in zip(best, parameters, strict=True):
            kept[improved] = parameter.detach()[improved]
        if bool((waited >= patience).all()):
            break
    with torch.no_grad():
        for kept, parameter in zip(best, parameters, strict=True):
            parameter.copy_(kept)
    return torch.stack(losses).cpu().numpy().astype(np.float64)


@torch.no_grad()
def _mean_loss(
    parameters: list[Tensor], batches: Sequence[Batch], weights: tuple[float, float]
) -> Tensor:
    return torch.stack([batch.loss(parameters, weights) for batch in batches]).mean(dim=0)


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def _standardization(
    values: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of each column; 1 for the latter where a column is constant."""
    mean = values.mean(axis=0, dtype=np.float64)
    spread = values.std(axis=0, dtype=np.float64)
    varies = spread > 1e-6 * np.maximum(1.0, np.abs(mean))
    return mean, np.where(varies, spread, 1.0)
