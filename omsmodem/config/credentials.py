"""Files with a secret: a path, or `credential:NAME` for one that systemd hands to the service (systemd.exec(5))."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

_PREFIX = "credential:"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
#: What the unit's LoadCredential= puts before the name of each file of the directory of secrets.
_OF_DIRECTORY = "secrets_"
#: Where a command outside the unit finds the same: at the running service, or where it was put for it.
RUNNING = Path("/run/credentials/omsmodem.service")
SECRETS = Path("/etc/omsmodem/secrets")


def located(name: str, environ: Mapping[str, str] = os.environ, secrets: Path = SECRETS) -> Path:
    """The file of a credential; where there is none that may be read, the one the service would be given."""
    given = Path(environ.get("CREDENTIALS_DIRECTORY", RUNNING))
    places = (given / name, given / f"{_OF_DIRECTORY}{name}", secrets / name)
    return next((place for place in places if os.access(place, os.R_OK)), places[1])


def _read(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(_PREFIX):
        return value
    name = value.removeprefix(_PREFIX).strip()
    if _NAME.fullmatch(name) is None:
        raise ValueError("must be credential: and the name of a file in /etc/omsmodem/secrets, e.g. credential:simpin")
    return located(name)


#: A path to a file with a secret, or `credential:NAME`.
SecretFile = Annotated[Path, BeforeValidator(_read)]


class SecretUnreadable(OSError):
    """A file with a secret cannot be read; the sentence says which key names it."""


def read_secret(file: Path, key: str) -> str:
    """The first line of a file with a secret. Raises SecretUnreadable, which names the `key` of the configuration."""
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SecretUnreadable(f"{key} names {file}, which cannot be read ({why}): write the secret into it") from error
