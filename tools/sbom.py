"""The software bill of materials of the deployed set, from requirements.lock: CycloneDX 1.5 as JSON.

`python tools/sbom.py` writes omsmodem/sbom.cdx.json, which the package carries. The same lock gives the same octets.
"""

import json
import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
SBOM = ROOT / "omsmodem" / "sbom.cdx.json"
_PINNED = re.compile(r"([a-z0-9-]+)==([^ ;\\]+)")
_NAMESPACE = uuid.UUID("8f1ad0a4-52b8-4a8b-9c0e-0d6a1d9c5e11")

#: As each names it itself (SPDX). A component without an entry stops the writing: somebody must look.
LICENSES = {
    "aiosmtpd": "Apache-2.0",
    "annotated-types": "MIT",
    "argon2-cffi": "MIT",
    "argon2-cffi-bindings": "MIT",
    "atpublic": "Apache-2.0",
    "attrs": "MIT",
    "certifi": "MPL-2.0",
    "cffi": "MIT-0",
    "charset-normalizer": "MIT",
    "cheroot": "BSD-3-Clause",
    "click": "BSD-3-Clause",
    "cryptography": "Apache-2.0 OR BSD-3-Clause",
    "idna": "BSD-3-Clause",
    "inscriptis": "Apache-2.0",
    "jaraco-functools": "MIT",
    "jinja2": "BSD-3-Clause",
    "lxml": "BSD-3-Clause",
    "mail-parser-reply": "MIT",
    "markdown-it-py": "MIT",
    "markupsafe": "BSD-3-Clause",
    "mdurl": "MIT",
    "more-itertools": "MIT",
    "phonenumberslite": "Apache-2.0",
    "prometheus-client": "Apache-2.0 AND BSD-2-Clause",
    "pycparser": "BSD-3-Clause",
    "pydantic": "MIT",
    "pydantic-core": "MIT",
    "pygments": "BSD-2-Clause",
    "pyserial": "BSD-3-Clause",
    "pyyaml": "MIT",
    "requests": "Apache-2.0",
    "rich": "MIT",
    "typing-extensions": "PSF-2.0",
    "typing-inspection": "MIT",
    "urllib3": "MIT",
}


@dataclass
class Component:
    """One pinned distribution: the hashes of its files, and who needs it."""

    name: str
    version: str
    hashes: list[str] = field(default_factory=list)
    needed_by: list[str] = field(default_factory=list)

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def read_lock(text: str) -> list[Component]:
    """The pinned distributions of a lock as pip-compile writes it."""
    components: list[Component] = []
    for line in text.splitlines():
        if pinned := _PINNED.match(line):
            components.append(Component(pinned[1], pinned[2]))
        elif found := re.match(r"    --hash=sha256:([0-9a-f]{64})", line):
            components[-1].hashes.append(found[1])
        elif needed := re.match(r"    # +(?:via)? *([A-Za-z0-9.-]*)", line):
            components[-1].needed_by += filter(None, [needed[1]])
    return components


def version() -> str:
    """The version of omsmodem itself."""
    found = re.search(r'__version__ = "([^"]+)"', (ROOT / "omsmodem" / "__init__.py").read_text())
    assert found is not None
    return found[1]


def write(lock: str) -> str:
    """The bill of materials of a lock."""
    components = read_lock(lock)
    ours = f"pkg:pypi/omsmodem@{version()}"
    purls = {component.name: component.purl for component in components} | {"omsmodem": ours}
    needs: dict[str, list[str]] = {purl: [] for purl in purls.values()}
    for component in components:
        for name in component.needed_by:
            needs[purls[name]].append(component.purl)
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, version() + lock)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": "omsmodem",
                "version": version(),
                "licenses": [{"license": {"id": "MIT"}}],
                "purl": ours,
            }
        },
        "components": [_described(component) for component in components],
        "dependencies": [{"ref": purl, "dependsOn": sorted(needed)} for purl, needed in sorted(needs.items())],
    }
    return json.dumps(bill, indent=1) + "\n"


def _described(component: Component) -> dict[str, object]:
    return {
        "type": "library",
        "bom-ref": component.purl,
        "name": component.name,
        "version": component.version,
        "purl": component.purl,
        "licenses": [{"expression": LICENSES[component.name]}],
        "hashes": [{"alg": "SHA-256", "content": each} for each in component.hashes],
    }


if __name__ == "__main__":
    SBOM.write_text(write(LOCK.read_text(encoding="utf-8")), encoding="utf-8")
