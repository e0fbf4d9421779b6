"""A small network on local columns whose output fields are averaged over space, trained end to end.

For `beyond_ridge.py`. Particles of each species pass a network of their own that ends in a few
fields. Around every particle of the species in question the fields of each species are averaged
over the first shell and with Gaussians of several widths; a linear layer and a small network read
the averages. Gaussian averages are convolutions on a grid, by fast Fourier transform: a
configuration of 4096 particles takes some ten milliseconds a step.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor, nn

from vitreous.liquid import Configuration, neighbor_list

WIDTHS = (1.0, 2.0, 3.5)
"""Standard deviations of the Gaussians, in units of sigma_AA."""

FIRST_SHELL = 1.4
N_CELLS = 20
"""Cells of the grid along each edge."""


class Surroundings:
    """Averages over the surroundings of the particles of one species, in a cubic box."""

    def __init__(self, configuration: Configuration, species: str) -> None:
        self.members = [configuration.of_species(name) for name in configuration.species]
        centers = configuration.of_species(species)
        onto_grid = _onto_grid(configuration)
        self.deposits = [_pair(onto_grid[rows].T.tocsr()) for rows in self.members]
        self.readout = _pair(onto_grid[centers])
        neighbors = neighbor_list(configuration, FIRST_SHELL)
        n = configuration.n_particles
        shape = (np.ones(len(neighbors.indices)), neighbors.indices, neighbors.indptr)
        shell = sparse.csr_array(shape, shape=(n, n))[centers]
        self.shells = [_pair(_normalized(shell[:, rows])) for rows in self.members]
        edge = configuration.box.lengths[0]
        self.kernels = torch.as_tensor(_gaussians(edge), dtype=torch.float32)
        ones = [torch.ones(int(rows.sum()), 1) for rows in self.members]
        self.norms = [self._gaussian_sums(number, one) + 1e-3 for number, one in enumerate(ones)]

    def averages(self, number: int, fields: Tensor) -> Tensor:
        """Average fields (n_members, K) of a species, shape (n_centers, (1 + widths) * K)."""
        shell = _Product.apply(*self.shells[number], fields)
        wide = self._gaussian_sums(number, fields) / self.norms[number]
        return torch.cat([shell, wide.flatten(1)], dim=1)

    def _gaussian_sums(self, number: int, fields: Tensor) -> Tensor:
        n_fields = fields.shape[1]
        cube = (N_CELLS,) * 3
        density = _Product.apply(*self.deposits[number], fields).T.reshape(n_fields, *cube)
        spread = torch.fft.rfftn(density, dim=(1, 2, 3))[None] * self.kernels[:, None]
        smooth = torch.fft.irfftn(spread, s=cube, dim=(2, 3, 4)).reshape(-1, N_CELLS**3)
        return _Product.apply(*self.readout, smooth.T.contiguous()).reshape(
            -1, len(WIDTHS), n_fields
        )


class FieldNetwork(nn.Module):
    """Local networks of all species, and what reads the averages of their fields."""

    def __init__(
        self,
        n_columns: int,
        n_species: int,
        own: int,
        hidden: int = 24,
        n_fields: int = 6,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        self.own = own
        self.local = nn.ModuleList(
            nn.Sequential(
                nn.Linear(n_columns, hidden),
                nn.ELU(),
                nn.Dropout(dropout),
                nn.Linear(hidden, n_fields),
            )
            for _ in range(n_species)
        )
        n_averages = n_fields * (1 + n_species * (1 + len(WIDTHS)))
        self.norm = nn.BatchNorm1d(n_averages, affine=False, momentum=0.05)
        self.linear = nn.Linear(n_averages, 1)
        self.curved = nn.Sequential(nn.Linear(n_averages, 16), nn.ELU(), nn.Linear(16, 1))
        for layer in (self.linear, self.curved[-1]):
            nn.init.zeros_(layer.weight)

    def forward(self, columns: Sequence[Tensor], surroundings: Surroundings) -> Tensor:
        """Predict for the particles of one species from the columns of each, shape (n,)."""
        fields = [local(x) for local, x in zip(self.local, columns, strict=True)]
        averages = [surroundings.averages(number, field) for number, field in enumerate(fields)]
        read = self.norm(torch.cat([fields[self.own], *averages], dim=1))
        return (self.linear(read) + self.curved(read))[:, 0]


def train(
    columns: Sequence[Sequence[NDArray]],
    labels: Sequence[NDArray],
    surroundings: Sequence[Surroundings],
    own: int,
    n_epochs: int = 15,
    learning_rate: float = 4e-3,
    weight_decay: float = 0.3,
    random_state: int = 0,
    **settings,
) -> FieldNetwork:
    """Train on deviations of labels from the mean of each configuration, one of them a step.

    Parameters
    ----------
    columns : sequence of sequence of ndarray
        Standardised columns of each configuration, species by species.
    labels : sequence of ndarray
        Of the particles of species number `own`.
    """
    torch.manual_seed(random_state)
    rng = np.random.default_rng(random_state)
    inputs = [tensors(of_species) for of_species in columns]
    targets = [torch.as_tensor(y - y.mean(), dtype=torch.float32) for y in labels]
    scale = float(torch.cat(targets).std())
    network = FieldNetwork(inputs[0][0].shape[1], len(inputs[0]), own, **settings)
    optimizer = torch.optim.AdamW(network.parameters(), lr=learning_rate, weight_decay=weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, learning_rate, n_epochs * len(inputs), pct_start=0.15
    )
    for _ in range(n_epochs):
        for number in rng.permutation(len(inputs)):
            prediction = network(inputs[number], surroundings[number])
            residual = prediction - prediction.mean() - targets[number] / scale
            optimizer.zero_grad()
            (residual**2).mean().backward()
            optimizer.step()
            schedule.step()
    return network.eval()


@torch.no_grad()
def predict(
    network: FieldNetwork, columns: Sequence[NDArray], surroundings: Surroundings
) -> NDArray[np.float64]:
    """Predict deviations, in units of their own."""
    values = network(tensors(columns), surroundings).numpy().astype(np.float64)
    return values - values.mean()


def tensors(columns: Sequence[NDArray]) -> list[Tensor]:
    """Columns of each species in single precision."""
    return [torch.as_tensor(x, dtype=torch.float32) for x in columns]


class _Product(torch.autograd.Function):
    """Sparse matrix times dense, whose transpose is at hand."""

    @staticmethod
    def forward(context, matrix: Tensor, transpose: Tensor, dense: Tensor) -> Tensor:
        context.transpose = transpose
        return matrix @ dense

    @staticmethod
    def backward(context, gradient: Tensor) -> tuple[None, None, Tensor]:
        return None, None, context.transpose @ gradient.contiguous()


def _pair(matrix: sparse.csr_array) -> tuple[Tensor, Tensor]:
    return _to_torch(matrix), _to_torch(matrix.T.tocsr())


def _to_torch(matrix: sparse.csr_array) -> Tensor:
    parts = matrix.indptr, matrix.indices, matrix.data
    kinds = np.int64, np.int64, np.float32
    return torch.sparse_csr_tensor(
        *(torch.from_numpy(part.astype(kind)) for part, kind in zip(parts, kinds, strict=True)),
        size=matrix.shape,
    )


def _onto_grid(configuration: Configuration) -> sparse.csr_array:
    """Share of each particle in the eight grid points around it, shape (N, N_CELLS ** 3)."""
    places = configuration.positions / configuration.box.lengths % 1.0 * N_CELLS
    below = np.floor(places).astype(int)
    beyond = places - below
    points, shares = [], []
    for corner in np.ndindex(2, 2, 2):
        points.append(np.ravel_multi_index(((below + corner) % N_CELLS).T, (N_CELLS,) * 3))
        shares.append(np.where(corner, beyond, 1 - beyond).prod(axis=1))
    n = configuration.n_particles
    starts = np.arange(0, 8 * n + 1, 8)
    parts = np.stack(shares, 1).ravel(), np.stack(points, 1).ravel(), starts
    return sparse.csr_array(parts, shape=(n, N_CELLS**3))


def _gaussians(edge: float) -> NDArray[np.float64]:
    """Fourier transforms of the Gaussians, shape (widths, N_CELLS, N_CELLS, N_CELLS // 2 + 1)."""
    full = 2 * np.pi * np.fft.fftfreq(N_CELLS, edge / N_CELLS)
    half = 2 * np.pi * np.fft.rfftfreq(N_CELLS, edge / N_CELLS)
    square = full[:, None, None] ** 2 + full[:, None] ** 2 + half**2
    return np.stack([np.exp(-square * width**2 / 2) for width in WIDTHS])


def _normalized(matrix: sparse.csr_array) -> sparse.csr_array:
    """Rows divided by their sums; empty ones stay empty."""
    sums = np.asarray(matrix.sum(axis=1)).ravel()
    return sparse.csr_array(sparse.diags_array(1 / np.maximum(sums, 1.0)) @ matrix)
