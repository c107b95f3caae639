"""Latency over offered load, as a picture."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

from tests.bench.figures import Bench, Offered, Percentiles

mpl.use("Agg")

from matplotlib import pyplot as plt


def plot(bench: Bench, file: Path) -> None:
    """Write the picture; its format is the file's ending."""
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    rates = [one.per_second for one in bench.offered]
    for name, colour, chosen in (
        ("accept", "tab:blue", _accept),
        ("accepted to posted", "tab:orange", _posted),
    ):
        lines = [chosen(one) for one in bench.offered]
        axes.plot(rates, [one.p50 for one in lines], "o-", color=colour, label=f"{name}, p50")
        axes.plot(rates, [one.p99 for one in lines], "o--", color=colour, label=f"{name}, p99")
    axes.axvline(
        bench.loop.accepted_per_second,
        color="grey",
        linestyle=":",
        label=f"closed loop, {bench.loop.connections} connections",
    )
    axes.set(
        xlabel="offered deposits per second",
        ylabel="milliseconds",
        yscale="log",
        title=_title(bench.offered, bench),
    )
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.savefig(file, dpi=120)
    plt.close(figure)


def _accept(offered: Offered) -> Percentiles:
    return offered.accept


def _posted(offered: Offered) -> Percentiles:
    return offered.accepted_to_posted


def _title(offered: Sequence[Offered], bench: Bench) -> str:
    machine = bench.machine
    return (
        f"Latency over offered load ({len(offered)} rates)\n"
        f"{machine.cores} cores shared with the load generator, {machine.date}"
    )
