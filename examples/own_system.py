"""Define a mixture, bring it to equilibrium, quench it and describe it.

Run with ``python examples/own_system.py``; it takes a few seconds once everything is compiled.

The mixture is made up for this example: two sizes of Lennard-Jones particles in equal numbers, all
with the same energy, in three dimensions.
"""

import numpy as np

from vitreous.descriptors import BondOrderDescriptor, RadialDescriptor
from vitreous.liquid import PairPotential, System, register_system
from vitreous.simulate import equilibrate, equilibrium_test, minimize

mixture = System(
    name="two-sizes",
    species=("A", "B"),
    fractions=(1, 1),
    density=1.3,
    dimensions=3,
    potential=PairPotential.lennard_jones(
        epsilon=np.ones((2, 2)),
        sigma=[[1.0, 11 / 12], [11 / 12, 5 / 6]],
        cutoff=2.5,
        tail="shifted",
    ),
    time_step=0.004,
    swap_pairs=[(0, 1)],
)
# From here on studies and the command line of this process know it by its name.
register_system(mixture)

# Two runs from above and two from below are the least that the test of equilibrium takes.
runs = [
    equilibrate(mixture, 400, 1.0, n_sweeps=2000, start=start, random_state=seed)
    for seed, start in enumerate(["above", "below", "above", "below"])
]
print(equilibrium_test(runs))

quenched = minimize(mixture, runs[0].configuration)
print(f"inherent structure: {quenched.energy:.4f} per particle after {quenched.steps} steps")

radial = RadialDescriptor(shells=[1.0, 1.2, 1.5, 2.0, 2.5], widths=0.1)
bond_order = BondOrderDescriptor(orders=[4, 6], shells=[1.1], width=0.15)
for descriptor in (radial, bond_order):
    features = descriptor.fit_transform([quenched.configuration])
    for name, mean in zip(descriptor.get_feature_names_out(), features.mean(axis=0), strict=True):
        print(f"{name:22s} {mean:6.2f} on average")
