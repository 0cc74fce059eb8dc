"""What the documents say is there is there, and what is there is in them."""

import configparser
import re
from pathlib import Path

import pytest
from flask import Flask

from app.config import ROOT, Settings
from app.connections.evotor.deliveries import MAX_GOODS_BYTES
from app.publishing.photos.archive.uploading import ALL_MAX
from app.publishing.photos.form import BODY_MAX
from app.rules.files.routes import MAX_FILE_BYTES
from app.web.bodies import MAX_BODY_BYTES

README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_readme_lists_every_setting_and_no_other() -> None:
    listed = re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)
    assert sorted(listed) == sorted(name.upper() for name in Settings.__dataclass_fields__)


def test_the_readme_lists_every_package_of_the_product() -> None:
    packages = {f"app/{path.parent.name}/" for path in (ROOT / "app").glob("*/__init__.py")}
    assert {name for name in packages if f"`{name}`" not in README} == set()


def test_the_arrows_of_the_readme_are_those_of_the_import_contract() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / "setup.cfg")
    layers = contracts["importlinter:contract:house"]["layers"].split("\n")
    drawn = [layer.replace("app.", "").replace(" | ", ", ") for layer in layers if layer]
    assert f"`{' → '.join(drawn)}`" in README


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_files_and_folders_that_a_document_names_exist(document: Path) -> None:
    text = document.read_text()
    named = re.findall(r"`((?:app|bench|docs|migrations|run|sandbox|static|templates|tests)/[\w./-]*)`", text)
    named += re.findall(r"`(\w[\w/]*\.py)", text)
    named += re.findall(r"\]\(([^)#:]+)\)", text)
    missing = {name for name in named if not _exists(name, document.parent)}
    assert missing == set()


def _exists(name: str, beside: Path) -> bool:
    if (ROOT / name).exists() or (beside / name).exists():
        return True
    # A module of the product may be named from its package on.
    return any((ROOT / "app").glob(f"**/{name.strip('/')}"))


def test_commands_of_the_readme_exist(app: Flask) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^\| `make (\w+)", README, re.MULTILINE)) <= targets
    commands = set(app.cli.commands)
    assert set(re.findall(r"`flask --app wsgi ([\w-]+)", README)) - {"db"} <= commands


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_pages_that_a_document_names_exist(app: Flask, document: Path) -> None:
    pages = set(re.findall(r"`(?:GET |POST )?(?:PUBLIC_URL)?(/[a-z][\w/-]*)`", document.read_text()))
    ours = {page for page in pages if not re.match(r"/(srv|etc|var|usr|tmp|dev|run|proc)(/|$)", page)}
    adapter = app.url_map.bind("localhost")
    unknown = {page for page in ours if not any(adapter.test(page, method) for method in ("GET", "POST"))}
    assert unknown == set()


def test_the_proxy_that_is_told_of_lets_in_all_that_the_product_takes() -> None:
    told = (ROOT / "docs" / "deploy.md").read_text()
    said = re.findall(r"client_max_body_size (\d+)([km]);", told)
    rest, photos, archive, goods = (
        int(number) * 1024 ** " km".index(unit) for number, unit in dict.fromkeys(said)
    )
    assert rest > MAX_BODY_BYTES and photos >= max(BODY_MAX, MAX_FILE_BYTES)
    assert archive > ALL_MAX and goods > MAX_GOODS_BYTES
    # tests/operations/test_nginx.py tries it where there is an nginx.
    big = [place for place in re.findall(r"location [^{]+{([^}]+)}", told) if re.search(r"size \d+m", place)]
    assert all("auth_request /signed-in;" in place or "limit_conn vitrina_visitor" in place for place in big)
