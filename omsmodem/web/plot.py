"""Plots as SVG, drawn on the server: bars for counts, a line for the signal. Colours come from the style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from markupsafe import Markup, escape

WIDTH, HEIGHT = 720, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 10, 22
#: What a signal is drawn between, in dBm.
_WEAKEST, _STRONGEST = -113, -51
#: A gap between two sightings longer than this is drawn as a gap.
_GAP = timedelta(minutes=45)


@dataclass(frozen=True, slots=True)
class Day:
    """A stretch of time along the bottom, in somebody's zone."""

    start: datetime
    end: datetime
    zone: tzinfo

    def x(self, moment: datetime) -> float:
        """Where a moment stands."""
        share = (moment - self.start) / (self.end - self.start)
        return _LEFT + share * (WIDTH - _LEFT - _RIGHT)

    def hours(self, every: int = 4) -> list[datetime]:
        """The round hours to write below."""
        local = self.start.astimezone(self.zone).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        found = []
        while local <= self.end:
            if local.hour % every == 0:
                found.append(local)
            local += timedelta(hours=1)
        return found


def bars(day: Day, counts: Sequence[int], label: str) -> Markup:
    """One bar for each of `counts`, which share the day evenly."""
    most = max([*counts, 1])
    top = _round_up(most)
    step = (WIDTH - _LEFT - _RIGHT) / max(len(counts), 1)
    drawn = [
        f'<rect class="bar" x="{_LEFT + n * step + 0.5:.1f}" y="{_y(count / top):.1f}"'
        f' width="{max(step - 1, 0.5):.1f}" height="{_y(0) - _y(count / top):.1f}"/>'
        for n, count in enumerate(counts)
        if count
    ]
    scale = [(0.0, "0"), (1.0, str(top))] if top == 1 else [(0.0, "0"), (0.5, f"{top / 2:g}"), (1.0, str(top))]
    return _svg(label, _grid(day, scale) + "".join(drawn))


def line(day: Day, points: Sequence[tuple[datetime, int | None]], label: str) -> Markup:
    """A signal in dBm over the day, the oldest point first; None and long silences are gaps."""
    runs: list[list[str]] = [[]]
    before: datetime | None = None
    for moment, dbm in points:
        if dbm is None or (before is not None and moment - before > _GAP):
            runs.append([])
        if dbm is not None:
            share = (min(max(dbm, _WEAKEST), _STRONGEST) - _WEAKEST) / (_STRONGEST - _WEAKEST)
            runs[-1].append(f"{day.x(moment):.1f},{_y(share):.1f}")
        before = moment
    drawn = "".join(_run(run) for run in runs if run)
    scale = [((dbm - _WEAKEST) / (_STRONGEST - _WEAKEST), f"{dbm}".replace("-", "−")) for dbm in (-110, -90, -70)]
    return _svg(label, _grid(day, scale) + drawn)


def _run(points: list[str]) -> str:
    if len(points) == 1:
        x, y = points[0].split(",")
        return f'<circle class="dot" cx="{x}" cy="{y}" r="2.5"/>'
    return f'<polyline class="line" points="{" ".join(points)}"/>'


def _svg(label: str, inside: str) -> Markup:
    head = f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
    return Markup(head + inside + "</svg>")  # noqa: S704 - the label is escaped, the rest is numbers of ours


def _grid(day: Day, scale: Sequence[tuple[float, str]]) -> str:
    rows = "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{_y(share):.1f}" y2="{_y(share):.1f}"/>'
        f'<text class="tick" x="{_LEFT - 6}" y="{_y(share) + 3.5:.1f}" text-anchor="end">{text}</text>'
        for share, text in scale
    )
    return rows + "".join(
        f'<text class="tick" x="{day.x(hour):.1f}" y="{HEIGHT - 6}" text-anchor="middle">{hour:%H:%M}</text>'
        for hour in day.hours()
        if _LEFT + 10 < day.x(hour) < WIDTH - 20
    )


def _y(share: float) -> float:
    return _TOP + (1 - share) * (HEIGHT - _TOP - _BOTTOM)


def _round_up(count: int) -> int:
    """The next number that is easy to read from a scale."""
    size: int = 10 ** (len(str(count)) - 1)
    return next(step * size for step in (1, 2, 4, 6, 10) if step * size >= count)
