"""What is printed for a shell is read back by a POSIX shell exactly, whatever the names hold."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import ROOT
from app.data.db import db
from app.publishing.settings.models import MarketCategory
from app.publishing.settings.save import prepare_settings
from run.printed_config import shell_line
from tests.owners import Owner
from tests.stock import Stock, product

NASTY = "'; touch pwned; echo '$(touch pwned)`touch pwned`$HOME \"\\ \n\r\t🫖 ${x:-y} !# & | > 'конец"


@pytest.fixture(scope="session", params=["dash", "sh"])
def shell(request: pytest.FixtureRequest) -> str:
    path = shutil.which(request.param)
    if path is None:
        pytest.fail(f"{request.param} is needed on PATH", pytrace=False)
    return path


def read_back(shell: str, lines: str, name: str, directory: Path | None = None) -> str:
    script = f'eval "$LINES"; printf %s "${name}"'
    env = {"PATH": os.environ["PATH"], "LINES": lines, "LC_ALL": "C.UTF-8"}
    done = subprocess.run([shell, "-euc", script], env=env, capture_output=True, cwd=directory, check=True)
    return done.stdout.decode()


@settings(max_examples=40)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.just(NASTY))
def test_any_text_survives_the_way_through_eval(shell: str, text: str):
    assert read_back(shell, shell_line("VALUE", text), "VALUE") == text


def test_names_from_the_clouds_cannot_run_anything(
    shell: str, stock: Stock, read_config, connect_all, switched_on, tmp_path: Path
):
    connect_all(community=NASTY)
    stock.put("s'1", NASTY, products=[product("p1", NASTY)])
    done = read_config()
    assert read_back(shell, done.stdout, "VK_COMMUNITY_NAME", tmp_path) == NASTY
    assert read_back(shell, done.stdout, "STORE_IDS", tmp_path) == "s'1"
    assert list(tmp_path.iterdir()) == []


def test_a_script_hears_of_chosen_categories_that_vk_knows_no_more(
    shell: str, alice: Owner, read_config, connect_all, switched_on
):
    connect_all()
    with alice.app.app_context():
        prepare_settings(alice.id).default_category_id = 7
        db.session.add(MarketCategory(community_id=123, category_id=8, path="Чай", is_leaf=True, place=0))
        db.session.commit()
    assert read_back(shell, read_config().stdout, "VK_LOST_CATEGORIES") == "7"
    assert json.loads(read_config("--format", "json").stdout)["vk_lost_categories"] == [7]


def test_the_example_script_goes_through_every_good(
    stock: Stock, read_config, connect_all, switched_on, environment, alice, tmp_path: Path
):
    connect_all()
    stock.put(products=[product("p1", NASTY), product("p2", "Чай"), product("p3", "Пиала")])
    stock.rule("product", "p3", "exclude")
    done = run_example(environment, alice.email, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Community -123 (Чайная на Невском), stores: s1" in done.stdout
    assert "Чай: no price" in done.stdout
    assert "Goods to publish: 2" in done.stdout
    assert "Пиала" not in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_example_script_stops_when_synchronisation_is_off(
    environment, alice, stock: Stock, tmp_path: Path
):
    stock.put(products=[product("p1")])
    done = run_example(environment, alice.email, tmp_path)
    assert (done.returncode, done.stdout) == (0, "Nothing to do: synchronisation is off.\n")
    assert run_example(environment, "nobody@example.org", tmp_path).returncode == 2


def run_example(environment: dict[str, str], email: str, directory: Path) -> subprocess.CompletedProcess[str]:
    dash = shutil.which("dash") or pytest.fail("dash is needed on PATH", pytrace=False)
    env = {**environment, "PATH": os.environ["PATH"], "PYTHON": sys.executable, "TMPDIR": str(directory)}
    script = [dash, str(ROOT / "docs/examples/sync.sh"), email]
    return subprocess.run(script, env=env, cwd=directory, capture_output=True, text=True, encoding="utf-8")
