"""Terms of the loss of GlassMLP, for several networks at once.

Predictions p and labels y have shape (T, N): one row for each of T networks, all of which see the
same N particles. Every term comes out with shape (T,), so that the gradients of the networks never
mix and a sum over them trains each as if it were alone.
"""

from __future__ import annotations

import torch
from torch import Tensor

# Smallest spread and smallest difference of correlations to divide by, for labels of unit variance:
# where all particles of a batch have nearly the same label, their spread says nothing.
SMALLEST = 0.01


def absolute_deviation(p: Tensor, y: Tensor) -> Tensor:
    """``mean |y - p| / std(y)``."""
    return (y - p).abs().mean(dim=1) / _spread(y)


def variance_mismatch(p: Tensor, y: Tensor) -> Tensor:
    """``|Var p - Var y| / Var y``."""
    difference = p.var(dim=1, correction=0) - y.var(dim=1, correction=0)
    return difference.abs() / _spread(y) ** 2


def correlation_mismatch(correlations_p: Tensor, correlations_y: Tensor) -> Tensor:
    """``sum_k |c_k(y) - c_k(p)| / |c_1(y) - c_K(y)|``, correlations having shape (K, T)."""
    scale = (correlations_y[0] - correlations_y[-1]).abs().clamp(min=SMALLEST)
    return (correlations_y - correlations_p).abs().sum(dim=0) / scale


def spatial_correlations(field: Tensor, weights: Tensor, centers: Tensor) -> Tensor:
    """``c_k = sum_i dQ_i [sum_j w_k(r_ij) dQ_j] / sum_i dQ_i^2`` over the centres i, shape (K, T).

    Parameters
    ----------
    field : Tensor, shape (T, N)
        Q; dQ is its deviation from the mean.
    weights : Tensor, shape (K, C, N)
        Normalised weights w_k around each centre.
    centers : Tensor of int, shape (C,)
    """
    deviation = field - field.mean(dim=1, keepdim=True)
    around = torch.matmul(weights, deviation.T)
    central = deviation[:, centers].T
    norm = (central**2).sum(dim=0).clamp(min=len(centers) * SMALLEST**2)
    return (around * central).sum(dim=1) / norm


def _spread(y: Tensor) -> Tensor:
    return y.std(dim=1, correction=0).clamp(min=SMALLEST)
