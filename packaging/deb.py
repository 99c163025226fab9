"""Builds the Debian package: a virtual environment in /opt/omsmodem with everything around it that a service needs.

Run with the Python of the Debian release the package is for; it holds compiled libraries. Needs dpkg-deb and pip.
"""

import argparse
import gzip
import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
HOME = "opt/omsmodem"
MAINTAINER = "The omsmodem maintainers <maintainers@omsmodem.example>"
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
PLACES = {
    "omsmodem.service": "usr/lib/systemd/system/omsmodem.service",
    "omsmodem.socket": "usr/lib/systemd/system/omsmodem.socket",
    "omsmodem-renew.service": "usr/lib/systemd/system/omsmodem-renew.service",
    "omsmodem-renew.timer": "usr/lib/systemd/system/omsmodem-renew.timer",
    "omsmodem.sysusers": "usr/lib/sysusers.d/omsmodem.conf",
    "omsmodem.tmpfiles": "usr/lib/tmpfiles.d/omsmodem.conf",
}
COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/omsmodem",
    "zsh": "usr/share/zsh/vendor-completions/_omsmodem",
    "fish": "usr/share/fish/vendor_completions.d/omsmodem.fish",
}


def main() -> None:
    """Build the package and print its path."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=SOURCE / "dist")
    parser.add_argument("--python", default="/usr/bin/python3", help="the Python of the Debian release")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="omsmodem-deb-") as directory:
        root = Path(directory) / "root"
        version = _environment(root, chosen.python)
        _around(root, version)
        print(_pack(root, f"{version}+{_release()}", chosen.python, chosen.output))


def _release() -> str:
    """The release that the compiled libraries fit, as in deb12."""
    known = platform.freedesktop_os_release()
    return "".join((known.get("ID", "linux")[:3], known.get("VERSION_ID", "").replace(".", "")))


# -- /opt/omsmodem ----------------------------------------------------------------------------------------------------


def _environment(root: Path, python: str) -> str:
    """The virtual environment with omsmodem in it, moved to where it will be; returns the version."""
    home = root / HOME
    _run(python, "-m", "venv", "--without-pip", str(home))
    inside = home / "bin" / "python3"
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(inside))
    _run(*pip, "install", "--no-compile", str(SOURCE))
    for script in (home / "bin").iterdir():
        if script.name != "omsmodem" and not script.name.startswith("python"):
            script.unlink()
        else:
            _at_home(script, home)
    _at_home(home / "pyvenv.cfg", home)
    _run(str(inside), "-m", "compileall", "-q", "-s", str(root), "-p", "/", str(home / "lib"))
    return _output(str(inside), "-c", "import omsmodem; print(omsmodem.__version__)").strip()


def _at_home(file: Path, home: Path) -> None:
    """Name the final place in a text file that names the place where it was built."""
    if file.is_symlink() or not file.is_file():
        return
    octets = file.read_bytes()
    file.write_bytes(octets.replace(str(home).encode(), f"/{HOME}".encode()))


# -- around it --------------------------------------------------------------------------------------------------------


def _around(root: Path, version: str) -> None:
    inside = str(root / HOME / "bin" / "python3")
    (root / "usr/bin").mkdir(parents=True)
    (root / "usr/bin/omsmodem").symlink_to(f"/{HOME}/bin/omsmodem")
    for name, place in PLACES.items():
        _place(root / place, (SOURCE / "systemd" / name).read_bytes())
    _place(
        root / "usr/lib/udev/rules.d/77-omsmodem.rules",
        _output(inside, "-c", "from omsmodem.modem import udev; print(udev.rules(), end='')").encode(),
    )
    for shell, place in COMPLETIONS.items():
        _place(root / place, _output(inside, "-m", "omsmodem", "completion", shell).encode())
    _place(root / "usr/share/man/man8/omsmodem.8.gz", _gzip(_output(inside, "-m", "omsmodem.cli.manual").encode()))
    _documentation(root / "usr/share/doc/omsmodem", root / HOME, version)


def _documentation(home: Path, environment: Path, version: str) -> None:
    for name in ("README.md", "config.example.yaml"):
        _place(home / name, (SOURCE / name).read_bytes())
    shutil.copytree(SOURCE / "docs", home / "docs", ignore=shutil.ignore_patterns("decisions"))
    licence = (SOURCE / "LICENSE").read_text(encoding="utf-8")
    _place(
        home / "copyright",
        f"omsmodem is under the licence below; the libraries in /{HOME} have their own there.\n\n{licence}".encode(),
    )
    _place(home / "changelog.gz", _gzip((SOURCE / "CHANGELOG.md").read_bytes()))
    _place(home / "sbom.json", json.dumps(_bill_of_materials(environment, version), indent=1).encode())


def _bill_of_materials(environment: Path, version: str) -> dict[str, object]:
    """What is in the package, in CycloneDX's form."""
    found = importlib.metadata.distributions(path=[str(next(environment.glob("lib/python3*/site-packages")))])
    parts = sorted((distribution.metadata["Name"], distribution.version) for distribution in found)
    components = [
        {"type": "library", "name": name, "version": release, "purl": f"pkg:pypi/{name.lower()}@{release}"}
        for name, release in parts
    ]
    whole = {"component": {"type": "application", "name": "omsmodem", "version": version}}
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": whole, "components": components}


# -- the package ------------------------------------------------------------------------------------------------------


def _pack(root: Path, version: str, python: str, output: Path) -> Path:
    control = root / "DEBIAN"
    control.mkdir()
    architecture = _output("dpkg", "--print-architecture").strip()
    _place(control / "control", _control(version, architecture, python, _kibibytes(root)).encode())
    for name in SCRIPTS:
        shutil.copyfile(SOURCE / "packaging" / "debian" / name, control / name)
    _set_modes(root)
    output.mkdir(parents=True, exist_ok=True)
    package = output / f"omsmodem_{version}_{architecture}.deb"
    _run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(package))
    return package


def _control(version: str, architecture: str, python: str, size: int) -> str:
    minor = int(_output(python, "-c", "import sys; print(sys.version_info.minor)"))
    summary = "texts from Outlook and SharePoint through a USB GSM modem"
    return f"""Package: omsmodem
Version: {version}
Architecture: {architecture}
Maintainer: {MAINTAINER}
Installed-Size: {size}
Depends: python3 (>= 3.{minor}), python3 (<< 3.{minor + 1}), adduser, procps
Recommends: usb-modeswitch
Section: net
Priority: optional
Description: {summary}
 An Outlook Mobile Service (OMS) provider on a box with a stick and a SIM.
 Outlook 2007 and 2010 and SharePoint 2010 to 2019 hand it texts over HTTPS;
 it keeps them in a durable queue and sends them through the modem.
 Set it up with "omsmodem setup".
"""


def _kibibytes(root: Path) -> int:
    return sum(file.lstat().st_size for file in root.rglob("*") if not file.is_dir()) // 1024


def _set_modes(root: Path) -> None:
    """What everybody may read, whatever the umask of whoever builds."""
    for path in (root, *root.rglob("*")):
        if path.is_symlink():
            continue
        runs = path.is_dir() or path.parent.name == "bin" or (path.parent.name == "DEBIAN" and path.name in SCRIPTS)
        path.chmod(0o755 if runs else 0o644)


def _place(path: Path, octets: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(octets)


def _gzip(octets: bytes) -> bytes:
    return gzip.compress(octets, 9, mtime=0)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_environment_of_build())


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, env=_environment_of_build()).stdout


def _environment_of_build() -> dict[str, str]:
    """Nothing of the environment that builds may get in: no other omsmodem, no switched-off bytecode."""
    kept = {name: value for name, value in os.environ.items() if not re.match(r"PYTHON|OMSMODEM", name)}
    return {**kept, "LC_ALL": "C.UTF-8"}


if __name__ == "__main__":
    main()
