"""Common neighbours of bonded pairs: how many there are, and how they are bonded to each other.

Up to 62 common neighbours of a pair are bits of one number, as are those that each is bonded to.
"""

import numpy as np

from ..compiled.decorators import kernel

MOST_COMMON = 62

# Half of 1 + sqrt(2): a cutoff in the middle between the first two distances of a close packing,
# in units of the first, and of a body-centred lattice between the second and third.
_BETWEEN = 1.2071067811865475


@kernel
def pair_signatures(indptr, indices, firsts, seconds, signatures):
    """Fill ``signatures`` (M, 3) of pairs; returns the largest number of common neighbours.

    ``indptr`` and ``indices`` are rows of bonds in rising order.
    """
    common = np.empty(MOST_COMMON, np.int64)
    adjacent = np.empty(MOST_COMMON, np.int64)
    most = 0
    for pair in range(len(firsts)):
        i, j = firsts[pair], seconds[pair]
        n_common = 0
        p, q = indptr[i], indptr[j]
        while p < indptr[i + 1] and q < indptr[j + 1]:
            if indices[p] == indices[q]:
                if n_common < MOST_COMMON:
                    common[n_common] = indices[p]
                n_common += 1
                p += 1
                q += 1
            elif indices[p] < indices[q]:
                p += 1
            else:
                q += 1
        most = max(most, n_common)
        if n_common > MOST_COMMON:
            continue
        for a in range(n_common):
            adjacent[a] = 0
            p = indptr[common[a]]
            for b in range(n_common):
                while p < indptr[common[a] + 1] and indices[p] < common[b]:
                    p += 1
                if p < indptr[common[a] + 1] and indices[p] == common[b]:
                    adjacent[a] |= 1 << b
        n_bonds, chain = _chains(adjacent, (1 << n_common) - 1)
        signatures[pair, 0], signatures[pair, 1], signatures[pair, 2] = n_common, n_bonds, chain
    return most


@kernel
def adaptive_structures(vectors, counts, structures):
    """Fill ``structures`` (N,): 0 other, 1 fcc, 2 hcp, 3 bcc, 4 icosahedral.

    ``vectors`` (N, 14, 3) lead to the nearest neighbours in rising order of distance, ``counts``
    (N,) of which there are.
    """
    adjacent = np.empty(14, np.int64)
    for i in range(len(vectors)):
        structures[i] = 0
        if counts[i] < 12:
            continue
        scale = 0.0
        for k in range(12):
            scale += _length(vectors[i, k]) / 12.0
        _connect(vectors[i], 12, (_BETWEEN * scale) ** 2, adjacent)
        n421, n422, n555 = 0, 0, 0
        for k in range(12):
            n_common, n_bonds, chain = _signature(adjacent, adjacent[k])
            n421 += n_common == 4 and n_bonds == 2 and chain == 1
            n422 += n_common == 4 and n_bonds == 2 and chain == 2
            n555 += n_common == 5 and n_bonds == 5 and chain == 5
        if n421 == 12:
            structures[i] = 1
        elif n421 == 6 and n422 == 6:
            structures[i] = 2
        elif n555 == 12:
            structures[i] = 4
        if structures[i] > 0 or counts[i] < 14:
            continue
        scale = 0.0
        for k in range(14):
            edge = 2.0 / np.sqrt(3.0) if k < 8 else 1.0
            scale += edge * _length(vectors[i, k]) / 14.0
        _connect(vectors[i], 14, (_BETWEEN * scale) ** 2, adjacent)
        n444, n666 = 0, 0
        for k in range(14):
            n_common, n_bonds, chain = _signature(adjacent, adjacent[k])
            n444 += n_common == 4 and n_bonds == 4 and chain == 4
            n666 += n_common == 6 and n_bonds == 6 and chain == 6
        if n444 == 6 and n666 == 8:
            structures[i] = 3


@kernel
def _connect(vectors, n, squared_cutoff, adjacent):
    """Fill ``adjacent`` with the bits of those neighbours that are within the cutoff of each."""
    for a in range(n):
        adjacent[a] = 0
    for a in range(n):
        for b in range(a):
            x = vectors[a, 0] - vectors[b, 0]
            y = vectors[a, 1] - vectors[b, 1]
            z = vectors[a, 2] - vectors[b, 2]
            if x * x + y * y + z * z < squared_cutoff:
                adjacent[a] |= 1 << b
                adjacent[b] |= 1 << a


@kernel
def _signature(adjacent, among):
    """Return the number of bits in ``among``, of bonds between them, and of the longest chain."""
    n_bonds, chain = _chains(adjacent, among)
    return _n_bits(among), n_bonds, chain


@kernel
def _chains(adjacent, among):
    """Count bonds between the bits of ``among``, all of them and those of the largest cluster."""
    n_bonds, longest = 0, 0
    left = among
    while left != 0:
        cluster = left & -left
        grown = cluster
        while grown != 0:
            lowest = grown & -grown
            grown ^= lowest
            new = adjacent[_n_bits(lowest - 1)] & among & ~cluster
            cluster |= new
            grown |= new
        left &= ~cluster
        ends = 0
        rest = cluster
        while rest != 0:
            lowest = rest & -rest
            rest ^= lowest
            ends += _n_bits(adjacent[_n_bits(lowest - 1)] & cluster)
        n_bonds += ends // 2
        longest = max(longest, ends // 2)
    return n_bonds, longest


@kernel
def _n_bits(number):
    found = 0
    while number != 0:
        number &= number - 1
        found += 1
    return found


@kernel
def _length(vector):
    return np.sqrt(vector[0] ** 2 + vector[1] ** 2 + vector[2] ** 2)
