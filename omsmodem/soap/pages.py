"""Pages for people: what to type into Outlook and SharePoint, in English and German. No script, nothing from elsewhere."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from omsmodem.soap.exchange import Answer
from omsmodem.soap.oms import ServiceInfo
from omsmodem.wording import LANGUAGES, Language

if TYPE_CHECKING:
    from jinja2 import Environment

#: The primary language of a Windows LCID is its lowest ten bits ([MS-LCID] §2.1): 1031, 2055 and 3079 are all German.
_PRIMARY_LANGUAGE = 0x3FF
_GERMAN = 0x07

_STYLE = resources.files("omsmodem.soap").joinpath("templates", "style.css").read_text("utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = (
    (
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("Vary", "Accept-Language"),
)


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages tell. `authority` and `kit` are files for Windows, offered once they exist."""

    info: ServiceInfo
    contact: str = ""  # whom to ask for an account
    language: Language = "en"  # where a browser names none
    authority: Path | None = None
    kit: Path | None = None
    registration: bool = False

    def answer(self, page: str, environ: dict[str, Any], status: str = "200 OK", **more: object) -> Answer:
        """One page in the language of whoever asks for it."""
        language = chosen_language(
            environ.get("QUERY_STRING", ""), environ.get("HTTP_ACCEPT_LANGUAGE", ""), self.language
        )
        html = (
            _templates()
            .get_template(f"{language}/{page}.html")
            .render(
                info=self.info,
                site=self,
                host=urlsplit(self.info.service_uri).hostname or "",
                has_authority=_exists(self.authority),
                has_kit=_exists(self.kit),
                style=_STYLE,
                language=language,
                **more,
            )
        )
        return Answer("text/html; charset=utf-8", html.encode(), status, _HEADERS)


def _exists(path: Path | None) -> bool:
    return path is not None and path.is_file()


def sign_up_page(service_uri: str) -> str:
    """The address of the sign-up page of a service: on its own host."""
    address = urlsplit(service_uri)
    return urlunsplit((address.scheme, address.netloc, SIGN_UP_PATH, "", ""))


SIGN_UP_PATH = "/oms/signup"
AUTHORITY_PATH = "/oms/ca.cer"
KIT_PATH = "/oms/windows-kit.zip"


def chosen_language(query: str, accepted: str, default: Language) -> Language:
    """The language of a page: that of the `lc` Outlook appends to an address, else the browser's, else the service's."""
    lcid = parse_qs(query).get("lc", [""])[-1]
    if lcid.isascii() and lcid.isdigit() and len(lcid) <= 6:
        return "de" if int(lcid) & _PRIMARY_LANGUAGE == _GERMAN else "en"
    for _, name in sorted(map(_weighed, accepted[:200].split(",")), key=lambda weighed: -weighed[0]):
        for language in LANGUAGES:
            if name.lower().split("-")[0] == language:
                return language
    return default


def _weighed(entry: str) -> tuple[float, str]:
    """One entry of an Accept-Language (RFC 9110 §12.5.4): its quality and its tag."""
    tag, _, quality = entry.partition(";q=")
    try:
        return float(quality or 1), tag.strip()
    except ValueError:
        return 0.0, tag.strip()


@cache
def _templates() -> "Environment":
    # Here and not above: the library takes megabytes, and most services never show one of these pages.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("omsmodem.soap", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
