"""Compiled kernel of the hop indicator."""

import numpy as np

from ..compiled.decorators import strict_kernel


@strict_kernel
def indicate_hops(first, stop, positions, half, out):
    """Fill out (T, N) for the particles from `first` to before `stop`; positions (T, N, d).

    Positions are taken relative to the one in the middle, so that nothing is lost of squares of
    small displacements far from the origin. The mean over A of squared distances from the mean of B
    is the variance in A plus the squared distance of the means: one pass over each half is enough.
    """
    n_frames, _, dimensions = positions.shape
    weight = 1.0 / (half + 1)
    for i in range(first, stop):
        for t in range(half, n_frames - half):
            spread_before = spread_after = apart = 0.0
            for axis in range(dimensions):
                middle = positions[t, i, axis]
                before = after = square_before = square_after = 0.0
                for s in range(1, half + 1):
                    x = positions[t - s, i, axis] - middle
                    before += x
                    square_before += x * x
                    x = positions[t + s, i, axis] - middle
                    after += x
                    square_after += x * x
                before *= weight
                after *= weight
                spread_before += square_before * weight - before * before
                spread_after += square_after * weight - after * after
                apart += (before - after) ** 2
            out[t, i] = np.sqrt((spread_before + apart) * (spread_after + apart))
