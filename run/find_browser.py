"""Find Chromium for the browser tests; run as a script, install it when there is none."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Give the path of a Chromium that starts: the first on PATH, else Playwright's own, else None."""
    candidates = [path for path in map(shutil.which, NAMES) if path]
    with sync_playwright() as playwright:
        candidates.append(playwright.chromium.executable_path)
    return next((path for path in candidates if _starts(path)), None)


def provide_browser() -> str | None:
    """Find Chromium, installing it through Playwright or the distribution when there is none."""
    if found := find_browser():
        return found
    print("No Chromium on PATH: asking Playwright for its own…", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], timeout=600)
    if found := find_browser():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Playwright could not: installing the distribution's chromium…", flush=True)
        for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", "-q", *command], env=environment, stdout=subprocess.DEVNULL)
    return find_browser()


def _starts(path: str) -> bool:
    if not Path(path).exists():
        return False
    # A browser that lacks a library fails here already, not in the middle of a test.
    answer = subprocess.run(
        [path, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60
    )
    return answer.returncode == 0


if __name__ == "__main__":
    browser = provide_browser()
    if browser is None:
        sys.exit("No Chromium: the browser tests need one. Install chromium with your package manager.")
    print(f"Browser for the tests: {browser}")
