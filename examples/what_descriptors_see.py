"""Draw what each descriptor sees in one configuration, and what a model relies on.

Run with ``python examples/what_descriptors_see.py [FOLDER]``; the pictures go into FOLDER, by
default the present one. A small configuration of KA2D is brought to T = 0.35 by swap Monte Carlo,
quenched to its inherent structure and described: one map for each descriptor.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from vitreous.descriptors import (
    AngularDescriptor,
    BondAngleDescriptor,
    BondOrderDescriptor,
    CoarseGrain,
    CompactnessDescriptor,
    CoordinationDescriptor,
    ExcessEntropyDescriptor,
    PhysicsInspiredDescriptor,
    RadialDescriptor,
    SmoothedBondOrderDescriptor,
    SteinhardtDescriptor,
    TetrahedralityDescriptor,
    VoronoiDescriptor,
)
from vitreous.liquid import KobAndersen2D
from vitreous.models import variance_inflation
from vitreous.plots import PAGE_WIDTH, feature_importance, figure, particle_map, style
from vitreous.simulate import equilibrate, minimize

system = KobAndersen2D()
folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
folder.mkdir(parents=True, exist_ok=True)
run = equilibrate(system, 400, temperature=0.35, n_sweeps=10_000, random_state=1)
configuration = minimize(system, run.configuration).configuration

sigma = system.potential.sigma
radii, cutoffs = np.diag(sigma) / 2, 1.4 * sigma
order = SteinhardtDescriptor(cutoffs, [6])
averaged = CoarseGrain(PhysicsInspiredDescriptor(system, [0.0]), generations=1)
panels = [
    ("species", None, None),
    ("neighbours at r = 1.1", RadialDescriptor([1.1], 0.1), 0),
    ("angles, small triangles", AngularDescriptor([(1.0, 1, 4)]), 0),
    ("bond order, l = 6, r = 1", BondOrderDescriptor([6], [1.0]), 0),
    (r"hexatic $|\psi_6|$", order, 0),
    (r"averaged $|\psi_6|$", SteinhardtDescriptor(cutoffs, [6], averaged=True), 0),
    (r"smoothed $|\psi_5|$", SmoothedBondOrderDescriptor(cutoffs, [5]), 0),
    ("tetrahedrality", TetrahedralityDescriptor(cutoffs), 0),
    ("bond angles near 60°", BondAngleDescriptor(cutoffs, 9), 2),
    ("coordination", CoordinationDescriptor(cutoffs), -1),
    ("steric order", CompactnessDescriptor(cutoffs, radii), 0),
    ("excess entropy", ExcessEntropyDescriptor(), -1),
    ("Voronoi perimeter", VoronoiDescriptor(radii), 1),
    ("potential energy", PhysicsInspiredDescriptor(system, [0.0]), 0),
    ("energy, averaged, L = 2", averaged, 2),
    ("energy variance, L = 2", PhysicsInspiredDescriptor(system, [2.0]), -1),
]
with style():
    page, axes = figure(PAGE_WIDTH, PAGE_WIDTH * 1.08, nrows=4, ncols=4)
    for (title, descriptor, column), ax in zip(panels, axes.flat, strict=True):
        if descriptor is None:
            values = configuration.types
        else:
            values = descriptor.fit_transform([configuration])[:, column]
        disks = particle_map(system, configuration, values, ax)
        bar = page.colorbar(disks, ax=ax, location="bottom", shrink=0.8, pad=0.02, aspect=25)
        if descriptor is None:
            bar.set_ticks(range(len(system.species)), labels=system.species)
        ax.set_title(title)
    page.savefig(folder / "descriptors.png", dpi=130)

# What tells the energy of a particle, averaged over its neighbourhood? Only type A, as is usual.
radial = RadialDescriptor(np.arange(0.8, 3.0, 0.05), 0.05)
bond_order = BondOrderDescriptor(np.arange(2, 9), [1.0, 1.4, 1.8])
descriptor = CoarseGrain(make_union(radial, bond_order), generations=1)
features = descriptor.fit_transform([configuration])
target = averaged.fit_transform([configuration])[:, 2]
kind = configuration.types == 0
model = make_pipeline(StandardScaler(), Ridge(alpha=30.0)).fit(features[kind], target[kind])
with style():
    page, axes = figure(PAGE_WIDTH, 2.8, ncols=2)
    feature_importance(
        descriptor.get_feature_names_out(),
        model[-1].coef_,
        axes[0],
        inflation=variance_inflation(features[kind]),
    )
    page.savefig(folder / "feature_importance.png")
