"""The shell's door to the synchronisation: exit codes, formats, secrets."""

import json
import re
import subprocess
import sys
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from app.config import ROOT
from app.connections.models import EVOTOR, CloudAccount
from app.rules.criteria.criterion import Criterion
from app.rules.policy import Policy
from tests.owners import Owner
from tests.stock import Stock, product


@pytest.mark.parametrize("in_process", [False, True])
def test_everything_in_place_is_zero(read_config, connect_all, switched_on, in_process: bool):
    connect_all()
    done = read_config(in_process=in_process)
    assert (done.returncode, done.stderr) == (0, "")
    assert "SYNC_ENABLED='1'" in done.stdout.splitlines()
    assert "VK_OWNER_ID='-123'" in done.stdout.splitlines()


def test_switched_off_or_never_confirmed_is_three(alice: Owner, read_config, connect_all):
    connect_all()
    assert read_config().returncode == 3
    alice.client.post("/sync", data={"is_enabled": "1", "confirm": "1"})
    assert read_config().returncode == 0
    alice.client.post("/sync", data={"is_enabled": "0"})
    done = read_config()
    assert done.returncode == 3
    assert "switched off" in done.stderr


def test_a_missing_or_broken_connection_is_four(read_config, connect_all, switched_on, db_session: Session):
    assert read_config().returncode == 4
    connect_all()
    db_session.query(CloudAccount).filter_by(provider=EVOTOR).update(
        {"is_online": False, "status": "reconnect"}
    )
    done = read_config()
    assert done.returncode == 4
    assert "Evotor does not work" in done.stderr


def test_a_wrong_call_is_two_with_a_sentence(read_config):
    for done in (
        read_config("--format", "xml"),
        read_config(user="nobody@example.org"),
        read_config(DATABASE_URL="sqlite:////nowhere/at/all.db"),
        read_config(DATABASE_URL="postgresql://vera:a/b:teapot@db/vitrina"),
        read_config(DATABASE_URL="teapot"),
    ):
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.strip()
        assert "Traceback" not in done.stderr and "teapot" not in done.stderr


def test_the_owner_is_found_in_any_letter_case(alice: Owner, read_config):
    assert read_config(user=alice.email.upper()).returncode == 3


def test_secrets_appear_only_when_asked_for(read_config, connect_all, switched_on):
    connect_all()
    for arguments in ((), ("--format", "json"), ("--products",)):
        assert "secret" not in read_config(*arguments).stdout
    with_secrets = read_config("--with-secrets").stdout.splitlines()
    assert "EVOTOR_TOKEN='evotor-secret'" in with_secrets
    assert "VK_TOKEN='vk-secret'" in with_secrets
    document = json.loads(read_config("--format", "json", "--with-secrets").stdout)
    assert document["tokens"] == {"evotor": "evotor-secret", "vk": "vk-secret"}


def test_json_holds_every_rule(stock: Stock, read_config):
    stock.put(products=[product("p1")])
    stock.rule("product", "p1", "exclude")
    stock.rule("store", "s1", "include")
    stock.default("exclude")
    stock.policy(Policy((Criterion("k", "include", "stock", low=Decimal("0.5")),)))
    document = json.loads(read_config("--format", "json").stdout)
    assert document["conditions"] == [{"key": "k", "mode": "include", "kind": "stock", "low": "0.5"}]
    assert document["default_mode"] == "exclude"
    assert document["confirmed_at"] is None
    assert [(rule["entity_type"], rule["entity_id"], rule["filter_mode"]) for rule in document["rules"]] == [
        ("store", "s1", "include"),
        ("product", "p1", "exclude"),
    ]


def test_a_good_is_one_line_whatever_its_name(stock: Stock, read_config):
    stock.put(products=[product("p1", "Чай\t«Дракон»\nлистовой", price=None), product("p2")])
    lines = read_config("--products").stdout.splitlines()
    assert lines[1] == "s1\tp1\tЧай «Дракон» листовой\t\t"
    assert all(line.count("\t") == 4 for line in lines)


def test_a_name_does_not_steer_the_terminal_that_shows_it(stock: Stock, read_config):
    stock.put(products=[product("p1", "Чай\x1b]0;pwned\x07 \x9b31m👨\u200d👩")])
    assert read_config("--products").stdout.split("\t")[2] == "Чай]0;pwned 31m👨\u200d👩"


def test_only_the_owner_asked_for_is_read(stock: Stock, bob: Owner, read_config):
    others = Stock(bob)
    others.put(products=[product("b1")])
    others.rule("product", "b1", "exclude")
    stock.put(products=[product("p1")])
    assert "b1" not in read_config("--products").stdout + read_config("--format", "json").stdout


def test_the_web_is_not_loaded(tmp_path):
    script = "import runpy, sys; sys.argv = ['read_config', '--user', 'x'];"
    script += "runpy.run_path('run/read_config.py'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert "app.rules.as_sql" in done.stdout
    assert not re.search(r"\b(flask|werkzeug|jinja2|flask_sqlalchemy|flask_login|requests|rq)\b", done.stdout)
