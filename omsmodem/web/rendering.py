"""Templates and the words they use."""

import hashlib
from datetime import datetime, tzinfo
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from omsmodem import figures
from omsmodem.web.http import Answer

STYLE = resources.files("omsmodem.web").joinpath("templates", "style.css").read_bytes()
#: Its name changes with its content, so that a browser keeps it for ever and never a stale one.
STYLE_PATH = f"/style-{hashlib.sha256(STYLE).hexdigest()[:12]}.css"


def style() -> Answer:
    """The style sheet."""
    return Answer(STYLE, content_type="text/css; charset=utf-8", cache="public, max-age=31536000, immutable")


def _dotted(name: str) -> Markup:
    """A name of a machine or a mailbox that may be broken before its dots, and nowhere else."""
    return Markup("<wbr>.").join(name.split("."))


class Templates:
    """The pages' templates, telling time in `zone`."""

    def __init__(self, zone: tzinfo) -> None:
        self._environment = Environment(
            loader=PackageLoader("omsmodem.web", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._zone = zone
        self._environment.globals["style_path"] = STYLE_PATH
        self._environment.filters.update(
            moment=self._moment,
            clock=self._clock,
            span=figures.span,
            octets=figures.octets,
            plural=figures.plural,
            short=figures.short,
            dotted=_dotted,
        )

    def render(self, template: str, /, status: str = "200 OK", **values: object) -> Answer:
        """One page."""
        return Answer(self._environment.get_template(f"{template}.html").render(values).encode(), status)

    def _moment(self, moment: datetime | None) -> Markup:
        """A moment as a person of this office writes it."""
        if moment is None:
            return Markup("–")
        local = moment.astimezone(self._zone)
        words = f"{local.day} {local:%b %Y %H:%M:%S}"
        return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="seconds"), words)

    def _clock(self, moment: datetime | None) -> Markup:
        """The same, short."""
        if moment is None:
            return Markup("–")
        local = moment.astimezone(self._zone)
        words = f"{local.day} {local:%b %H:%M}"
        return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="seconds"), words)
