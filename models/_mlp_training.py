"""Training of bottleneck networks with PyTorch.

Networks are trained side by side: those of several targets, and several of each that hold out other
batches. All see the same batches; those that hold one out take no step by it. As Adam works element
by element none feels the others. Such small networks take little longer together than one of them
alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, pairwise
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


def train_networks(
    features: NDArray[np.floating],
    targets: NDArray[np.float64],
    batches: Sequence[NDArray[np.intp]],
    held_out: NDArray[np.bool_],
    shells: Sequence[Shells] | None,
    settings: Any,
    rngs: Sequence[np.random.Generator],
) -> list[tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]]:
    """Train one network for each target, once for each choice of batches that are held out.

    Features and targets are standardised with the statistics of the batches that are not held out;
    the weights that are returned undo this.

    Parameters
    ----------
    features : ndarray, shape (n_samples, n_features)
    targets : ndarray, shape (n_samples, n_targets)
    batches : sequence of ndarray of int
        Rows of each batch.
    held_out : ndarray of bool, shape (n_choices, n_batches)
        Which batches only decide when to stop.
    shells : sequence, optional
        For each batch.
    settings : GlassMLP
    rngs : sequence of numpy.random.Generator
        One for each choice; the first also draws the order of the batches.

    Returns
    -------
    list of (list of ndarray, list of ndarray)
        For each choice the weights and biases in turn, as `GlassMLP.networks_` keeps them, and the
        held-out losses of each stage, shape (n_epochs + 1, n_targets).
    """
    device = _device(settings.device)
    n_targets = targets.shape[1]
    learnt = [np.concatenate(list(compress(batches, ~out))) for out in held_out]
    of_features = [_standardization(features[rows]) for rows in learnt]
    of_targets = [_standardization(targets[rows]) for rows in learnt]
    center, scale = of_features[0]
    made = [
        Batch(
            (features[rows] - center) / scale,
            np.concatenate([(targets[rows] - m) / s for m, s in of_targets], axis=1),
            shells[number] if shells else None,
            device,
        )
        for number, rows in enumerate(batches)
    ]
    first_layer = FirstLayer(
        *(
            torch.as_tensor(np.repeat(values, n_targets, axis=0), dtype=torch.float32).to(device)
            for values in (
                [(m - center) / s for m, s in of_features],
                [scale / s for _, s in of_features],
            )
        )
    )
    of_batches = torch.as_tensor(np.repeat(held_out, n_targets, axis=0).T, device=device)

    widths = (features.shape[1], *settings.hidden, 1)
    weights = settings.variance_weight, settings.correlation_weight
    stages = [(rate, (0.0, 0.0)) for rate in settings.learning_rates]
    if any(weights):
        stages += [(rate, weights) for rate in settings.second_learning_rates]
    # Generators of their own, so that no target changes what another one meets.
    orders = rngs[0].spawn(len(stages))
    networks = [
        initial_parameters(widths, own, device) for rng in rngs for own in rng.spawn(n_targets)
    ]
    losses = [
        train_stage(
            networks,
            first_layer,
            made,
            of_batches,
            learning_rate=rate,
            weights=weights,
            max_epochs=settings.max_epochs,
            patience=settings.patience,
            rng=order,
        )
        for (rate, weights), order in zip(stages, orders, strict=True)
    ]
    trained = []
    for number in range(len(held_out)):
        own = slice(number * n_targets, (number + 1) * n_targets)
        network = [
            torch.stack(layer).detach().cpu().numpy().astype(np.float64)
            for layer in zip(*networks[own], strict=True)
        ]
        (mean, spread), (target_mean, target_spread) = of_features[number], of_targets[number]
        network[1] -= (mean / spread) @ network[0]
        network[0] /= spread[:, np.newaxis]
        network[-2] *= target_spread[:, np.newaxis, np.newaxis]
        network[-1] = network[-1] * target_spread[:, np.newaxis] + target_mean[:, np.newaxis]
        trained.append((network, [stage[:, own] for stage in losses]))
    return trained


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
    weights, bias, *others = parameters
    # One product for all networks: several times as fast as one of each.
    joined = torch.matmul(features, weights.transpose(0, 1).flatten(1))
    values = joined.unflatten(1, (len(weights), -1)).transpose(0, 1) + bias.unsqueeze(1)
    for layer in range(0, len(others), 2):
        values = torch.matmul(elu(values), others[layer]) + others[layer + 1].unsqueeze(1)
    return values.squeeze(-1)


class FirstLayer:
    """The first layer as it acts on features that are standardised for the first choice of batches.

    Each network learns weights for features that are standardised for its own choice; a shift and a
    scale of every column, shape (T, n_features), lead from one to the other.
    """

    def __init__(self, shifts: Tensor, scales: Tensor) -> None:
        self._shifts, self._scales = shifts.unsqueeze(-1), scales.unsqueeze(-1)

    def __call__(self, weights: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        return weights * self._scales, bias - (self._shifts * weights).sum(dim=1)


def initial_parameters(
    widths: Sequence[int], rng: np.random.Generator, device: torch.device
) -> list[Tensor]:
    """Draw uniform weights of variance ``2 / (inputs + outputs)``; biases start at zero."""
    parameters = []
    for n_in, n_out in pairwise(widths):
        limit = np.sqrt(6 / (n_in + n_out))
        for values in (rng.uniform(-limit, limit, (n_in, n_out)), np.zeros(n_out)):
            tensor = torch.as_tensor(values, dtype=torch.float32, device=device)
            parameters.append(tensor.requires_grad_())
    return parameters


def stacked(networks: Sequence[Sequence[Tensor]], first_layer: FirstLayer) -> list[Tensor]:
    """Join the parameters of all networks along a leading axis."""
    weights, bias, *others = (torch.stack(layer) for layer in zip(*networks, strict=True))
    return [*first_layer(weights, bias), *others]


def train_stage(
    networks: Sequence[Sequence[Tensor]],
    first_layer: FirstLayer,
    batches: Sequence[Batch],
    held_out: Tensor,
    *,
    learning_rate: float,
    weights: tuple[float, float],
    max_epochs: int,
    patience: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Train in place until no loss over held-out batches has fallen for `patience` epochs.

    Each network is left as it was where its held-out loss was least, which may be at the start.
    ``held_out``, shape (n_batches, T), tells which networks hold a batch out.

    Returns
    -------
    ndarray, shape (n_epochs + 1, T)
        Held-out loss at the start and after each epoch.
    """
    every = [parameter for network in networks for parameter in network]
    optimizer = torch.optim.Adam(every, lr=learning_rate, fused=True)
    best = [[parameter.detach().clone() for parameter in network] for network in networks]
    least = _mean_loss(stacked(networks, first_layer), batches, held_out, weights)
    losses = [least]
    waited = torch.zeros(len(least), dtype=torch.int64, device=least.device)
    resting = [[networks[int(k)] for k in np.flatnonzero(out)] for out in held_out.cpu().numpy()]
    for _ in range(max_epochs):
        for number in rng.permutation(len(batches)):
            if len(resting[number]) == len(networks):
                continue
            optimizer.zero_grad()
            batches[number].loss(stacked(networks, first_layer), weights).sum().backward()
            for network in resting[number]:
                for parameter in network:
                    parameter.grad = None
            optimizer.step()
        losses.append(_mean_loss(stacked(networks, first_layer), batches, held_out, weights))
        improved = (losses[-1] < least) & (waited < patience)
        least = torch.where(improved, losses[-1], least)
        waited = torch.where(improved, 0, waited + 1)
        for number, network in enumerate(networks):
            if improved[number]:
                best[number] = [parameter.detach().clone() for parameter in network]
        if bool((waited >= patience).all()):
            break
    with torch.no_grad():
        for network, kept in zip(networks, best, strict=True):
            for parameter, value in zip(network, kept, strict=True):
                parameter.copy_(value)
    return torch.stack(losses).cpu().numpy().astype(np.float64)


@torch.no_grad()
def _mean_loss(
    parameters: list[Tensor],
    batches: Sequence[Batch],
    held_out: Tensor,
    weights: tuple[float, float],
) -> Tensor:
    """Mean over the batches that each network holds out, shape (T,)."""
    total = torch.zeros(held_out.shape[1], device=held_out.device)
    for batch, out in zip(batches, held_out, strict=True):
        if out.any():
            total += torch.where(out, batch.loss(parameters, weights), 0.0)
    return total / held_out.sum(dim=0)


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
