"""Find Chromium for the browser tests; run as a script, install it when there is none."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

# The shell has neither windows nor services of its own: it shows the same pages for half the processor time.
SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Give the path of a Chromium that starts: a headless shell before a whole one, else None."""
    return next((path for path in _candidates() if _starts(path)), None)


def provide_browser() -> str | None:
    """Find Chromium, installing it through Playwright or the distribution when there is none."""
    if found := find_browser():
        return found
    print("No Chromium: asking Playwright for its own…", flush=True)
    playwright = [sys.executable, "-m", "playwright", "install", "--with-deps", "--only-shell", "chromium"]
    subprocess.run(playwright, timeout=600)
    if (found := find_browser()) or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    print("Playwright could not: installing the distribution's…", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "-y", "--no-install-recommends"]
    for command in (["update"], [*install, SHELL], [*install, "chromium"]):
        subprocess.run(["apt-get", "-q", *command], env=environment, stdout=subprocess.DEVNULL)
        if found := find_browser():
            return found
    return None


def _candidates() -> Iterator[str]:
    found = [path for path in map(shutil.which, NAMES) if path]
    yield from filter(_is_shell, found)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    yield from map(str, own.parents[2].glob("chromium_headless_shell-*/*/*headless*shell"))
    yield from found
    yield str(own)


def _is_shell(path: str) -> bool:
    return "headless" in Path(path).name


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
