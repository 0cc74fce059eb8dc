"""Look the pinned versions up among known vulnerabilities, and say so where that cannot be done."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (
    *("-m", "pip_audit", "--requirement", "constraints.txt", "--no-deps", "--disable-pip"),
    *("--format", "json", "--progress-spinner", "off", "--timeout", "10"),
)


def main() -> None:
    """End with code 1 when a pinned version has a known vulnerability."""
    done = subprocess.run([sys.executable, *COMMAND], cwd=ROOT, capture_output=True, text=True)
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:
        packages = []
    audited = [package for package in packages if "vulns" in package]
    if not audited:
        print("pip-audit: NOT DONE, the list of vulnerabilities cannot be reached from this machine.")
        return
    vulnerable = [package for package in audited if package["vulns"]]
    for package in vulnerable:
        for found in package["vulns"]:
            fixed = ", ".join(found.get("fix_versions", [])) or "no version yet"
            print(f"{package['name']} {package['version']}: {found['id']}, mended in {fixed}")
    looked_up = f"{len(audited)} of {len(packages)} pinned packages looked up"
    print(f"pip-audit: {looked_up}, {len(vulnerable)} vulnerable.")
    sys.exit(1 if vulnerable else 0)


if __name__ == "__main__":
    main()
