"""Groups without labels are those of partycls, whose results are stored beside this file.

``partycls_ka.xyz`` holds inherent structures of three configurations of the Kob-Andersen mixture,
N = 250, from ``equilibrate(KobAndersen(), 250, 0.5, n_sweeps=2000, random_state=k)``, k = 0 to 2,
with six decimals. ``partycls_ka.npz`` is what partycls 2.0.2 makes of it, with Python 3.11.7, NumPy
1.26.4 and scikit-learn 1.9.1, built by gfortran 12.2 in an environment of its own::

    pip install "numpy<2" "setuptools<60" wheel scikit-learn
    pip install --no-build-isolation partycls

and this script::

    import random
    import numpy as np
    from partycls import (
        PCA, CommunityInference, GaussianMixture, KMeans, Trajectory, Workflow, ZScore
    )
    from partycls.descriptors import BondAngleDescriptor

    def run(clustering, *steps, bonds=None):
        random.seed(0), np.random.seed(0)
        trajectory = Trajectory("partycls_ka.xyz")
        trajectory.compute_nearest_neighbors("fixed", [1.4, 1.12, 1.12, 1.232])
        for particle in (p for system in trajectory for p in system.particle):
            particle.bonds = len(particle.nearest_neighbors)
        angles = BondAngleDescriptor(trajectory, dtheta=5.0)
        angles.add_filter("species == 'A'")
        if bonds:
            angles.add_filter(f"particle.bonds == {bonds}")
        workflow = Workflow(trajectory, angles, *(steps or (None, None)), clustering)
        workflow.disable_output()
        workflow.run()
        return angles.features.astype(np.int16), clustering.labels.astype(np.int8)

    communities = CommunityInference(2, n_init=10)
    angles_of_13, communities_of_13 = run(communities, bonds=13)
    angles, all_communities = run(CommunityInference(2, n_init=10))
    np.savez_compressed(
        "partycls_ka.npz", angles=angles, communities=all_communities,
        k_means=run(KMeans(2, n_init=50), ZScore(), PCA(5))[1],
        mixture=run(GaussianMixture(2, n_init=50), ZScore(), PCA(5))[1],
        communities_of_13=communities_of_13, information_of_13=communities.mutual_information,
    )
"""

from pathlib import Path

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from vitreous.datasets import read_extxyz
from vitreous.descriptors import BondAngleDescriptor
from vitreous.models import CommunityInference

HERE = Path(__file__).parent
CUTOFFS = [[1.4, 1.12], [1.12, 1.232]]


@pytest.fixture(scope="module")
def partycls():
    with np.load(HERE / "partycls_ka.npz") as stored:
        return dict(stored)


@pytest.fixture(scope="module")
def angles():
    """Histograms of the bond angles of species A, in intervals of 5 degrees."""
    structures = [item.configuration for item in read_extxyz(HERE / "partycls_ka.xyz")]
    of_a = np.concatenate([structure.of_species("A") for structure in structures])
    return BondAngleDescriptor(CUTOFFS, bins=36, dtype="float64").fit_transform(structures)[of_a]


def test_histograms_are_the_same(angles, partycls):
    """partycls counts every angle twice."""
    np.testing.assert_array_equal(2 * angles, partycls["angles"])


@pytest.mark.parametrize(
    ("name", "clustering"),
    [
        ("k_means", KMeans(2, n_init=20, random_state=3)),
        ("mixture", GaussianMixture(2, n_init=10, random_state=3)),
    ],
)
def test_groups_of_principal_components_are_the_same(angles, partycls, name, clustering):
    groups = make_pipeline(StandardScaler(), PCA(5), clustering).fit_predict(angles)
    assert adjusted_rand_score(groups, partycls[name]) == 1.0


def test_communities_of_as_many_neighbors_are_the_same(angles, partycls):
    """Of particles with 13 neighbours each: information is in bits there, and in nats here."""
    of_13 = angles[angles.sum(axis=1) == 13 * 12 / 2]
    found = CommunityInference(2, random_state=3).fit(of_13)
    assert adjusted_rand_score(found.labels_, partycls["communities_of_13"]) == 1.0
    expected = partycls["information_of_13"] * np.log(2)
    assert found.information_ == pytest.approx(expected, rel=1e-12)


def test_communities_of_all_particles_resemble(angles, partycls):
    """partycls adds up counts, so that a particle with more neighbours weighs more.

    It also compares with the mean histogram of the random division that it begins with.
    """
    found = CommunityInference(2, random_state=3).fit(angles)
    resemblance = adjusted_rand_score(found.labels_, partycls["communities"])
    assert resemblance == pytest.approx(0.85, abs=0.02)  # 23 of 600 particles are elsewhere.
