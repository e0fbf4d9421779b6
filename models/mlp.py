"""The bottleneck network GlassMLP, trained on whole configurations."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import GroupShuffleSplit

from ..liquid import Configuration
from ._grouped_samples import features_to_predict, grouped_samples
from ._spatial_correlation import RADII, shell_weights

# Shells are averaged around at most so many particles of a batch, to bound memory.
_MOST_CENTERS = 500

# Batches of a training set whose rows nobody grouped.
_DEFAULT_BATCHES = 10


class GlassMLP(RegressorMixin, BaseEstimator):
    r"""Small network with a bottleneck, trained to get ranks, variance and correlations right.

    Standardised features pass a bottleneck of two neurons, two layers of ten and end in one value;
    all but the last are followed by an exponential linear unit. Every target has a network of its
    own. A batch b is one configuration. Training minimises at first

    .. math::

        \mathcal{L}_1 = \Big\langle |y_i - p_i| \Big\rangle_{i \in b} / \operatorname{std}_b(y),

    with each of the learning rates in turn, and then, with each of the second ones,

    .. math::

        \mathcal{L}_2 = \mathcal{L}_1 + \lambda \frac{|\operatorname{Var}_b p -
        \operatorname{Var}_b y|}{\operatorname{Var}_b y} + \kappa \sum_{k=1}^3
        \frac{|c_k(p) - c_k(y)|}{|c_1(y) - c_3(y)|},

    .. math::

        c_k = \sum_i \delta Q_i \frac{\sum_j w_k(r_{ij}) \delta Q_j}{\sum_j w_k(r_{ij})} \Big/
        \sum_i \delta Q_i^2, \qquad w_k(r) = e^{-(r - R_k)^2 / 2},

    j = i included, with R = 2, 5, 8 in two dimensions and 2, 4, 6 in three. Every stage ends when
    the loss over held-out configurations has not fallen for some epochs, and keeps the best
    network. The correlations need the positions: without `configurations` in :meth:`fit` they are
    left out.

    Training needs PyTorch (``pip install ".[mlp]"`` in the folder of vitreous), prediction only
    NumPy. A fit repeats exactly on the same machine with the same number of threads.

    Parameters
    ----------
    hidden : sequence of int
        Neurons of the hidden layers, the bottleneck first.
    learning_rates : sequence of float
        Of Adam, one after another, with the first loss.
    second_learning_rates : sequence of float
        The same with the second loss.
    variance_weight : float
        The weight :math:`\lambda`.
    correlation_weight : float
        The weight :math:`\kappa`. Both 0 leave out the second loss.
    max_epochs : int
        Most epochs of each stage.
    patience : int
        Epochs to wait for the held-out loss to fall.
    held_out : float
        Fraction of the groups held out to stop in time.
    n_networks : int
        Networks to average, each from other initial weights and with other groups held out. They
        are trained side by side, which takes a third of the time of one after another.
    device : str
        ``"auto"`` (a GPU where there is one), or a device as PyTorch names it.
    random_state : int
        Draws initial weights, held-out groups and the order of batches.

    Attributes
    ----------
    networks_ : list of list of ndarray
        Weights (n_targets, n_inputs, n_outputs) and biases (n_targets, n_outputs) of each layer in
        turn, for each network; they act on features as they are given, not standardised.
    held_out_groups_ : list of ndarray
        Groups that each network was stopped by, and did not learn from.
    held_out_losses_ : list of list of ndarray, shape (n_epochs + 1, n_targets)
        Loss over them in each stage, for each network.

    References
    ----------
    G. Jung, G. Biroli, L. Berthier, Phys. Rev. Lett. 130, 238202 (2023).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 2))
    >>> groups = np.arange(300) // 60
    >>> mlp = GlassMLP(learning_rates=(0.01,), max_epochs=40)
    >>> mlp.fit(X, abs(X[:, 0]), groups=groups).predict([[1.5, 0.0], [0.0, 0.0]]).round()
    array([1., 0.])
    """

    def __init__(
        self,
        hidden: Sequence[int] = (2, 10, 10),
        learning_rates: Sequence[float] = (5e-4, 2e-4),
        second_learning_rates: Sequence[float] = (4e-5, 2e-5),
        variance_weight: float = 1.0,
        correlation_weight: float = 0.5,
        max_epochs: int = 1000,
        patience: int = 30,
        held_out: float = 0.25,
        n_networks: int = 1,
        device: str = "auto",
        random_state: int = 0,
    ) -> None:
        self.hidden = hidden
        self.learning_rates = learning_rates
        self.second_learning_rates = second_learning_rates
        self.variance_weight = variance_weight
        self.correlation_weight = correlation_weight
        self.max_epochs = max_epochs
        self.patience = patience
        self.held_out = held_out
        self.n_networks = n_networks
        self.device = device
        self.random_state = random_state

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        configurations: Sequence[Configuration] | None = None,
    ) -> GlassMLP:
        """Train the networks.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        y : array_like, shape (n_samples,) or (n_samples, n_targets)
        groups : array_like, shape (n_samples,), optional
            Configuration of each sample. Without it samples are dealt out to ten groups.
        configurations : sequence of Configuration, optional
            Positions of the samples in the order of the rows, batch after batch: as many particles
            as there are samples, and none of one batch in another group than the rest. Without them
            every group is a batch.

        Returns
        -------
        GlassMLP

        Raises
        ------
        ImportError
            If PyTorch is not installed.
        ValueError
            If there are fewer than two groups, or `configurations` do not fit the samples.
        """
        training = _training_module()
        features, targets, members = grouped_samples(self, X, y, groups, multi_output=True)
        if groups is None:
            members = members % _DEFAULT_BATCHES
        self.one_target_ = targets.ndim == 1
        batches = _batches(members, configurations)
        shells = None
        if configurations is not None and self.correlation_weight > 0:
            shells = _shells(configurations, self.random_state)
        splits = GroupShuffleSplit(
            self.n_networks, test_size=self.held_out, random_state=self.random_state
        )
        seeds = np.random.SeedSequence(self.random_state).spawn(self.n_networks)
        self.held_out_groups_ = [
            np.unique(members[rows]) for _, rows in splits.split(features, targets, members)
        ]
        trained = training.train_networks(
            features,
            targets.reshape(len(targets), -1),
            batches,
            np.array(
                [[members[batch[0]] in out for batch in batches] for out in self.held_out_groups_]
            ),
            shells,
            settings=self,
            rngs=[np.random.default_rng(seed) for seed in seeds],
        )
        self.networks_ = [network for network, _ in trained]
        self.held_out_losses_ = [losses for _, losses in trained]
        return self

    @overload
    def predict(self, X: ArrayLike, return_std: Literal[False] = False) -> NDArray[np.float64]: ...

    @overload
    def predict(
        self, X: ArrayLike, return_std: Literal[True]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...

    def predict(self, X: ArrayLike, return_std: bool = False) -> Any:
        """Predict with the average of the networks.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        return_std : bool
            Whether to return the standard deviation over the networks as well.

        Returns
        -------
        ndarray, shape (n_samples,) or (n_samples, n_targets)
            Or two of them.
        """
        features = features_to_predict(self, X)
        each = np.stack([_forward(network, features) for network in self.networks_])
        if self.one_target_:
            each = each[..., 0]
        mean = each.mean(axis=0)
        return (mean, each.std(axis=0)) if return_std else mean

    def members(self) -> list[GlassMLP]:
        """Return one fitted model for each network; their mean prediction is that of this one."""
        models = []
        for number, network in enumerate(self.networks_):
            model = copy.copy(self).set_params(n_networks=1)
            model.networks_ = [network]
            model.held_out_groups_ = [self.held_out_groups_[number]]
            model.held_out_losses_ = [self.held_out_losses_[number]]
            models.append(model)
        return models

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def require_torch() -> None:
    """Raise an ImportError that says what to install, unless PyTorch is installed."""
    if find_spec("torch") is None:
        raise ImportError(
            "GlassMLP is trained with PyTorch, which is not installed: `pip install torch` or, in "
            'a clone of vitreous, `pip install ".[mlp]"`'
        )


def _training_module() -> Any:
    require_torch()
    from . import _mlp_training

    return _mlp_training


def _batches(
    members: NDArray, configurations: Sequence[Configuration] | None
) -> list[NDArray[np.intp]]:
    """Rows of each batch."""
    if configurations is None:
        return [np.flatnonzero(members == group) for group in np.unique(members)]
    ends = np.cumsum([configuration.n_particles for configuration in configurations])
    if not len(ends) or ends[-1] != len(members):
        raise ValueError(
            f"{len(members)} samples need configurations of as many particles, not "
            f"{ends[-1] if len(ends) else 0}"
        )
    batches = np.split(np.arange(len(members)), ends[:-1])
    for number, rows in enumerate(batches):
        if len(np.unique(members[rows])) != 1:
            raise ValueError(f"the particles of configuration {number} are in several groups")
    return batches


def _shells(
    configurations: Sequence[Configuration], random_state: int
) -> list[tuple[NDArray[np.float32], NDArray[np.int64]]]:
    """Shell weights and their centres for each batch, computed once for each configuration."""
    rng = np.random.default_rng(random_state)
    known: dict[int, tuple[NDArray[np.float32], NDArray[np.int64]]] = {}
    for configuration in configurations:
        if id(configuration) not in known:
            centers = rng.permutation(configuration.n_particles)[:_MOST_CENTERS]
            radii = RADII[configuration.dimensions]
            weights = shell_weights(configuration, radii, centers)
            known[id(configuration)] = weights, centers
    return [known[id(configuration)] for configuration in configurations]


def _forward(network: list[NDArray[np.float64]], X: NDArray[np.floating]) -> NDArray[np.float64]:
    """Evaluate the networks of all targets, shape (n_samples, n_targets)."""
    values = X.astype(np.float64)
    for layer in range(0, len(network), 2):
        values = values @ network[layer] + network[layer + 1][:, np.newaxis]
        if layer + 2 < len(network):
            values = np.where(values > 0, values, np.expm1(np.minimum(values, 0)))
    return values[..., 0].T
