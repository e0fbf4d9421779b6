r"""
Groups without labels
=====================

Which local structures are there? That question needs no dynamics: describe every particle, look for
groups, and only then ask how differently the groups move. Everything that looks for groups is
scikit-learn's; what it looks at are descriptors.
"""

import matplotlib.pyplot as plt
import numpy as np

from vitreous.datasets import load_ka2d
from vitreous.descriptors import BondOrderDescriptor, RadialDescriptor
from vitreous.liquid import get_system

sample = load_ka2d()
chosen = np.flatnonzero(sample.temperatures == 0.36)
structures = [sample.inherent[i] for i in chosen]

# %%
# Species are described and divided one at a time: small and large particles differ, which would be
# the first thing that any method finds. Here it is species A, in all configurations together, so
# that a group means the same in each of them.
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

descriptor = make_union(
    RadialDescriptor(shells=np.arange(0.9, 2.0, 0.1), widths=0.1),
    BondOrderDescriptor(orders=[4, 5, 6, 8], shells=[1.1]),
)
of_a = np.concatenate([structure.of_species("A") for structure in structures])
columns = descriptor.fit_transform(structures)[of_a]
configuration = np.repeat(
    np.arange(len(structures)), [s.n_particles for s in structures]
)[of_a]
print(
    f"{columns.shape[1]} columns of {columns.shape[0]} particles of species A"
)

# %%
# Principal components bring the columns down to a few that vary most.
from sklearn.decomposition import PCA

reduced = make_pipeline(
    StandardScaler(), PCA(n_components=6, whiten=True)
).fit_transform(columns)

# %%
# How many groups are there? A mixture of Gaussians can tell: the Bayesian information criterion,
# BIC, falls as long as another Gaussian explains more than it costs.
from sklearn.mixture import GaussianMixture

mixtures = [
    GaussianMixture(k, n_init=3, random_state=0).fit(reduced)
    for k in range(1, 7)
]
criteria = [mixture.bic(reduced) for mixture in mixtures]
best = mixtures[int(np.argmin(criteria))]
print(
    "BIC less that of one group:",
    np.round(np.array(criteria) - criteria[0]).astype(int),
)
print(f"Lowest with {best.n_components} groups")

# %%
# Where BIC falls on and on there are no well-separated groups, only a distribution that is no
# Gaussian; its number is then that of Gaussians and not of structures. So we go on with three,
# found in three ways. The last divides histograms, here of the angles between neighbours, such that
# the group of a particle tells most about its histogram; partycls calls it community inference.
from sklearn.cluster import KMeans

from vitreous.descriptors import BondAngleDescriptor
from vitreous.models import CommunityInference

n_groups = 3
angles = BondAngleDescriptor(1.4 * get_system(sample.system).potential.sigma)
histograms = angles.fit_transform(structures)[of_a]
groups = {
    "Gaussian mixture": mixtures[n_groups - 1].predict(reduced),
    "k-means": KMeans(n_groups, n_init=10, random_state=0).fit_predict(reduced),
    "communities": CommunityInference(n_groups, random_state=0)
    .fit(histograms)
    .labels_,
}

# %%
# Now the dynamics: the propensity, how far particles move on average until the bond-breaking time.
# How much farther does a group move than all particles of the same configuration? Errors are those
# over configurations, because particles of one configuration are not independent.
from vitreous.dynamics import Estimate

propensities = [sample.labels[i].matrix("displacement")[:, -1] for i in chosen]
labels = np.concatenate(propensities)[of_a]


def over_configurations(statistic, *values):
    """Mean of a statistic over configurations, with its error."""
    here = [configuration == number for number in range(len(structures))]
    return Estimate.mean(
        [statistic(*(v[particles] for v in values)) for particles in here]
    )


def excess(label, inside):
    """How much farther those inside move than all."""
    return label[inside].mean() / label.mean() - 1


for method, group in groups.items():
    print(method)
    for k in range(n_groups):
        share = over_configurations(np.mean, group == k)
        farther = over_configurations(excess, labels, group == k)
        print(f"  group {k}: share {share}, moves farther by {farther}")

# %%
# How much does the group tell of the propensity? Mutual information, in nats, measures it without
# assuming anything about how. Beside it stands the ridge regression, which *was* shown labels, of
# other configurations: its predictions cut into as many equal parts as there are groups, and whole.
from sklearn.feature_selection import mutual_info_regression

from vitreous.models import GroupedRidge, PropensityRegressor, cross_predict

model = PropensityRegressor(descriptor, GroupedRidge())
predicted = np.concatenate(cross_predict(model, structures, propensities))[of_a]
edges = np.quantile(predicted, np.arange(1, n_groups) / n_groups)
known = groups | {"ridge, in three parts": np.digitize(predicted, edges)}


def information(values, discrete):
    """Mutual information with the propensity, within configurations."""
    return over_configurations(
        lambda here, label: mutual_info_regression(
            here[:, np.newaxis],
            label,
            discrete_features=discrete,
            random_state=0,
        )[0],
        values,
        labels,
    )


found = {method: information(values, True) for method, values in known.items()}
found["ridge"] = information(predicted, False)
for method, value in found.items():
    print(f"{method}: {value}")

# %%
# In a picture, with errors:
from vitreous.plots import style

with style():
    page, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    axes.barh(
        list(found),
        [value.value for value in found.values()],
        xerr=[value.standard_error for value in found.values()],
    )
    axes.invert_yaxis()
    axes.set_xlabel("mutual information with propensity (nats)")

# %%
# Groups are what varies most in the structure, which need not be what decides who moves. Whoever
# asks for the latter takes :doc:`a prediction <01_first_prediction>`;
# :doc:`/groups_without_labels` says more.
#
# **Next:** :doc:`a descriptor of your own <08_own_descriptor>` among the groups.
