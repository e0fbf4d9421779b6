"""Draw how models trained on hot liquids score on cold ones, docs/figures/hot_to_cold.png.

Kob-Andersen, displacement at the relaxation time of T = 0.44, species A, pooled. Published numbers:
GlassBench (arXiv:2311.14752), up to 400 configurations of each temperature. Ours: what
``examples/hot_to_cold.py`` measures with ``jung2023`` on the ten files of BOTAN, six liquids at
T = 0.64 with 16 replicas; five at T = 0.56 with 8; at T = 0.44 five of the files, tested on the
other five::

    python benchmarks/hot_to_cold_figure.py docs/figures/hot_to_cold.png
"""

import sys

from vitreous.plots import COLUMN_WIDTH, figure, style

TRAINED_AT = (0.44, 0.50, 0.56, 0.64)
PUBLISHED = {
    "SE(3) network": (0.815, 0.798, 0.766, 0.715),
    "CAGE": (0.779, 0.754, 0.702, 0.641),
    "BOTAN": (0.755, 0.710, 0.691, 0.644),
    "GlassMLP": (0.768, 0.733, 0.678, 0.548),
}
OURS = {0.44: (0.818, 5), 0.56: (0.788, 5), 0.64: (0.786, 6)}


def main() -> None:
    """Draw the lines of the publication and the points of ours."""
    with style():
        made, axes = figure(COLUMN_WIDTH, 0.85 * COLUMN_WIDTH)
        ax = axes[0, 0]
        shades = ("0.2", "0.4", "0.6", "0.75")
        markers = ("s", "^", "v", "D")
        for (name, scores), shade, marker in zip(PUBLISHED.items(), shades, markers, strict=True):
            ax.plot(TRAINED_AT, scores, marker=marker, color=shade, markersize=3, label=name)
        ax.plot(
            list(OURS), [score for score, _ in OURS.values()], "o-", color="C3", label="vitreous"
        )
        for temperature, (score, n) in OURS.items():
            ax.annotate(
                f"{n} liquids",
                (temperature, score),
                xytext=(0, 5),
                textcoords="offset points",
                ha="center",
                fontsize="x-small",
                color="C3",
            )
        ax.set(
            xlabel="trained at $T$",
            ylabel="correlation, tested at $T = 0.44$",
            ylim=(0.52, 0.86),
            xlim=(0.42, 0.66),
        )
        ax.legend(loc="lower left", fontsize="x-small")
        made.savefig(sys.argv[1], dpi=200)


if __name__ == "__main__":
    main()
