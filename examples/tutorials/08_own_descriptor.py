r"""
A descriptor of your own
========================

Is there something about the structure that the packaged descriptors miss? Write it as a
scikit-learn transformer, in a dozen lines, and let the data answer.

The idea to test here: a particle whose neighbours sit on one side of it can move. Take the vector
from the particle to the centre of its neighbours,

.. math::

    \mathbf e_i = \frac{\sum_j w(r_{ij})\, \mathbf r_{ij}}{\sum_j w(r_{ij})}, \qquad
    w(r) = e^{-r^2 / 2 s^2},

and its length :math:`|\mathbf e_i|`, the eccentricity of the cage, for several ranges :math:`s`.
"""

import matplotlib.pyplot as plt
import numpy as np

from vitreous.datasets import load_ka2d
from vitreous.descriptors import Descriptor
from vitreous.liquid import get_system, neighbor_list

# %%
# Subclass :class:`~vitreous.descriptors.Descriptor`. ``__init__`` stores the parameters and nothing
# else, as scikit-learn asks; ``describe`` gets one configuration and returns one row for each
# particle; ``feature_names`` names the columns. Everything else is inherited: ``fit``,
# ``transform``, checks of species and dimension, several configurations by threads.


class EccentricityDescriptor(Descriptor):
    """Distance from the centre of the neighbours, for several ranges."""

    def __init__(self, ranges=(0.5, 1.0, 1.5), n_jobs=None, dtype="float32"):
        self.ranges = ranges
        self.n_jobs = n_jobs
        self.dtype = dtype

    def describe(self, configuration):
        pairs = neighbor_list(configuration, 3.5 * max(self.ranges))
        columns = []
        for s in self.ranges:
            weights = np.exp(-(pairs.distances**2) / (2 * s**2))
            moments = [
                np.bincount(
                    pairs.rows, weights * component, configuration.n_particles
                )
                for component in pairs.vectors.T
            ]
            total = np.bincount(pairs.rows, weights, configuration.n_particles)
            columns.append(
                np.linalg.norm(moments, axis=0) / np.maximum(total, 1e-12)
            )
        return np.column_stack(columns)

    def feature_names(self):
        return [f"eccentricity s={s:g}" for s in self.ranges]


# %%
# Does it do what it should? In the middle of a ring nothing pulls, and turning or shifting the
# whole changes nothing.
from vitreous.liquid import Box, Configuration

angles = np.arange(6) * np.pi / 3
ring = np.vstack(
    [[0.0, 0.0], np.column_stack([np.cos(angles), np.sin(angles)])]
)
box = Box.cube(20.0, dimensions=2)
eccentricity = EccentricityDescriptor().fit(
    [Configuration(ring, [0] * 7, box, ("A",))]
)
for corners in (ring, ring[:-1]):
    cluster = Configuration(corners, [0] * len(corners), box, ("A",))
    print(
        f"{len(corners) - 1} neighbours: "
        f"{eccentricity.transform([cluster])[0].round(3)}"
    )

# %%
# A particle without neighbours gets 0, thanks to the ``maximum``: features must never be NaN.
#
# Now the liquid. What does the new feature see, next to what it should predict?
sample = load_ka2d().at(0.42)
system = get_system(sample.system)
structures = sample.inherent
labels = [found.at("broken_bonds", found.times[-1]) for found in sample.labels]
values = EccentricityDescriptor().fit_transform(structures[:1])

from vitreous.plots import particle_map, style

with style():
    page, axes = plt.subplots(1, 2, figsize=(7, 4), layout="constrained")
    for ax, title, field in zip(
        axes,
        ["eccentricity, s = 1", "broken bonds"],
        [values[:, 1], labels[0]],
        strict=True,
    ):
        disks = particle_map(system, structures[0], field, ax)
        page.colorbar(disks, ax=ax, location="bottom", shrink=0.9)
        ax.set_title(title)

# %%
# Does it help? ``make_union`` puts it beside others, and ``CoarseGrain`` averages it over
# neighbourhoods like any descriptor. ``cross_predict`` predicts every configuration by a model that
# learnt from others; errors are over configurations.
from sklearn.pipeline import make_union

from vitreous.descriptors import CoarseGrain, RadialDescriptor
from vitreous.models import (
    GroupedRidge,
    PropensityRegressor,
    cross_predict,
    propensity_scores,
)


def score(descriptor):
    """Correlation within configurations for species A, with its error."""
    model = PropensityRegressor(descriptor, GroupedRidge())
    predictions = cross_predict(model, structures, labels)
    return propensity_scores(structures, labels, predictions)["A"][
        "pearson_mean"
    ]


shells = RadialDescriptor(shells=np.arange(0.8, 3.0, 0.1), widths=0.1)
both = make_union(shells, EccentricityDescriptor())
print("eccentricity alone         ", score(EccentricityDescriptor()))
print(
    "eccentricity, averaged     ", score(CoarseGrain(EccentricityDescriptor()))
)
print("radial shells, averaged    ", score(CoarseGrain(shells)))
print("both, averaged             ", score(CoarseGrain(both)))

# %%
# Compare the differences with the errors before you believe in them. A new descriptor that survives
# this test on data of your own is welcome in the package: :doc:`/contributing` has the steps.
#
# **Next:** :doc:`a liquid of your own <09_own_system>`.
