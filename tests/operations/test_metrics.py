"""Numbers for Prometheus: off unless wished, for whoever knows the token, true with several processes."""

from collections.abc import Callable

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from sandbox.world import World
from tests.owners import Owner, add_owner
from tests.processes import Web
from tests.product import AppMaker

TOKEN = "scrape-token-5f1d"
KNOWN = {"Authorization": f"Bearer {TOKEN}"}


def numbers(text: str) -> dict[str, float]:
    """Give every sample by its name and labels."""
    return {
        f"{sample.name} {' '.join(sample.labels.values())}".strip(): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_there_is_no_such_page_unless_a_token_is_set(client, app) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    "shown", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}]
)
def test_only_whoever_knows_the_token_is_answered(make_app: AppMaker, app, shown: dict[str, str]) -> None:
    answer = make_app(metrics_token=TOKEN).test_client().get("/metrics", headers=shown)
    assert answer.status_code == 401 and answer.data == b""


def test_requests_runs_errors_of_clouds_and_waiting_jobs_are_counted(
    make_app: AppMaker, app, db_session, world: World, run_jobs: Callable[[], None]
) -> None:
    owner: Owner = add_owner(make_app(metrics_token=TOKEN), db_session, "Olga")
    owner.connect_evotor()
    owner.client.post("/catalog/refresh")
    waiting = numbers(owner.client.get("/metrics", headers=KNOWN).text)
    assert waiting["vitrina_queue_depth vitrina"] == 1 and waiting["vitrina_queue_up"] == 1
    run_jobs()
    world.faults.add("status_402")
    owner.client.post("/catalog/refresh")
    run_jobs()
    owner.client.get("/catalog/products?store_id=nowhere")
    found = numbers(owner.client.get("/metrics", headers=KNOWN).text)
    assert found["vitrina_refreshes_total done"] == 1
    assert sum(value for name, value in found.items() if name.startswith("vitrina_refreshes_total")) == 2
    assert (
        sum(value for name, value in found.items() if name.startswith("vitrina_cloud_errors_total evotor"))
        >= 1
    )
    assert found["vitrina_request_seconds_count GET /catalog/products 404"] >= 1
    assert not [name for name in found if "nowhere" in name or "example.org" in name]


def test_without_the_queue_server_the_rest_is_still_told(make_app: AppMaker, app) -> None:
    client = make_app(metrics_token=TOKEN, redis_url="redis://127.0.0.1:1/0").test_client()
    client.get("/login")
    found = numbers(client.get("/metrics", headers=KNOWN).text)
    assert found["vitrina_queue_up"] == 0
    assert found["vitrina_request_seconds_count GET /login 200"] >= 1


def test_several_gunicorn_processes_add_up(start_web: Callable[..., Web]) -> None:
    url = start_web(METRICS_TOKEN=TOKEN, WEB_CONCURRENCY="2").url
    for _ in range(40):
        assert requests.get(f"{url}/login", timeout=60).status_code == 200
    found = numbers(requests.get(f"{url}/metrics", headers=KNOWN, timeout=60).text)
    assert found["vitrina_request_seconds_count GET /login 200"] == 40
