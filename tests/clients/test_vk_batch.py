"""Many calls in one: each with its own end, whatever happens to it or to the whole."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, Response, request

from app.clients.errors import Action, BadRequest, CloudError, ConfirmationNeeded, RateLimited, UnknownOutcome
from app.clients.vk.batch import CALLS, CODE_BYTES, code_of, run_batch, split
from app.clients.vk.call import Call, as_params
from app.clients.vk.market import Fields, Market
from app.clients.vk.meanings import Meaning
from app.clients.vk.session import VkSession
from sandbox.server import running
from sandbox.vk.filling import fill
from tests.clients.vk_cloud import JPEG, SHOP, Unlimited, VkCloud, good, vk_cloud


@pytest.fixture
def cloud() -> Iterator[VkCloud]:
    with vk_cloud() as cloud:
        yield cloud


@pytest.fixture
def market(cloud: VkCloud) -> Market:
    fill(cloud.vk, SHOP, 30)
    return cloud.shop()[0]


def edits(market: Market, *item_ids: int, price: str = "77") -> list[Call[None]]:
    return [market.editing(item_id, Fields(hidden=False, price=Decimal(price))) for item_id in item_ids]


def prices(cloud: VkCloud) -> list[int]:
    return [item.price for item in cloud.vk.market(SHOP).items.values()]


def test_each_call_has_its_own_end(cloud: VkCloud, market: Market) -> None:
    batch = run_batch(market.session, edits(market, 1, 999, 2, 998))
    assert [outcome.error and outcome.error.meaning for outcome in batch.outcomes] == [
        None,
        Meaning.ITEM_GONE,
        None,
        Meaning.ITEM_GONE,
    ]
    assert batch.stop is None
    assert prices(cloud)[:2] == [7700, 7700]
    assert cloud.vk.calls.total == 1


def test_what_changes_nothing_is_done(market: Market) -> None:
    for _ in range(2):
        batch = run_batch(market.session, edits(market, 1, 2))
        assert [outcome.error for outcome in batch.outcomes] == [None, None]


def test_new_goods_come_with_their_ids(cloud: VkCloud, market: Market) -> None:
    photos = cloud.shop()[1]
    name = "Чай \"Ассам\" </script> \\u0022 \u2028 & 'к'"
    calls = [market.adding(good(name=name, sku=f"v{n}", photo_ids=(photos.upload(JPEG),))) for n in range(3)]
    batch = run_batch(market.session, calls)
    items = cloud.vk.market(SHOP).items
    assert [items[outcome.value or 0].sku for outcome in batch.outcomes] == ["v0", "v1", "v2"]
    assert items[batch.outcomes[0].value or 0].title == name


def test_a_captcha_in_the_midst_stops_and_says_what_was_done(cloud: VkCloud, market: Market) -> None:
    cloud.vk.faults.refuse(14, "market.edit", nth=3)
    batch = run_batch(market.session, edits(market, 1, 2, 3, 4))
    assert isinstance(batch.stop, ConfirmationNeeded)
    assert [outcome.error is None for outcome in batch.outcomes] == [True, True, False, False]


@pytest.mark.parametrize(("code", "action"), [(6, Action.SLOW_DOWN), (9, Action.PAUSE), (7, Action.STOP)])
def test_what_is_refused_to_all_stops(cloud: VkCloud, market: Market, code: int, action: Action) -> None:
    cloud.vk.faults.refuse(code, "market.edit", nth=2, times=1)
    batch = run_batch(market.session, edits(market, 1, 2, 3))
    assert batch.stop and batch.stop.action is action


@pytest.mark.parametrize("code", [5, 6, 9, 14, 29])
def test_a_refusal_of_the_whole_is_raised(cloud: VkCloud, market: Market, code: int) -> None:
    before = prices(cloud)
    cloud.vk.faults.refuse(code, "execute")
    with pytest.raises(CloudError) as failure:
        run_batch(market.session, edits(market, 1, 2))
    assert failure.value.code == code and not isinstance(failure.value, UnknownOutcome)
    assert prices(cloud) == before and cloud.vk.calls.total == 1


@pytest.mark.parametrize("fault", ["cut", "truncated", "status_500", "garbage", "html_body"])
def test_a_lost_answer_to_a_writing_batch_is_an_unknown_outcome(
    cloud: VkCloud, market: Market, fault: str
) -> None:
    cloud.vk.faults.lose("execute", how=fault)
    with pytest.raises(UnknownOutcome):
        run_batch(market.session, edits(market, 1, 2))
    assert prices(cloud)[:2] == [7700, 7700]
    assert cloud.vk.calls.total == 1


def test_a_writing_batch_that_broke_off_is_an_unknown_outcome(cloud: VkCloud, market: Market) -> None:
    cloud.vk.faults.refuse(13, "execute", done=True)
    with pytest.raises(UnknownOutcome):
        run_batch(market.session, edits(market, 1, 2))
    assert cloud.vk.calls.total == 1


def test_a_writing_batch_that_did_not_compile_is_sent_in_halves(cloud: VkCloud, market: Market) -> None:
    cloud.vk.faults.refuse(12, "execute", times=1)
    batch = run_batch(market.session, edits(market, 1, 2, 3, 4))
    assert [outcome.error for outcome in batch.outcomes] == [None] * 4
    assert prices(cloud)[:4] == [7700] * 4
    assert cloud.vk.calls.total == 3


def test_halves_keep_what_is_known_of_each(cloud: VkCloud, market: Market) -> None:
    cloud.vk.faults.refuse(12, "execute", times=1)
    cloud.vk.faults.lose("execute", nth=2)
    batch = run_batch(market.session, edits(market, 1, 2, 3, 4))
    assert [type(outcome.error) for outcome in batch.outcomes] == [
        *([type(None)] * 2),
        *([UnknownOutcome] * 2),
    ]


@pytest.mark.parametrize("code", [12, 13])
def test_a_reading_batch_that_is_too_heavy_is_read_in_halves(
    cloud: VkCloud, market: Market, code: int
) -> None:
    cloud.vk.faults.refuse(code, "execute", times=3)
    assert len(market.get_all().items) == 30


def test_one_page_that_fails_is_read_again_alone(cloud: VkCloud, market: Market) -> None:
    cloud.vk.faults.refuse(10, "market.get", times=1)
    assert len(market.get_all().items) == 30


def test_calls_are_cut_into_batches_that_vk_takes(market: Market) -> None:
    small = edits(market, *range(1, 61))
    assert [len(batch) for batch in split(small)] == [25, 25, 10]
    long = [market.adding(good(description="ы" * 3000)) for _ in range(25)]
    batches = list(split(long))
    assert sum(map(len, batches)) == 25 and len(batches) > 1
    assert all(len(code_of(batch).encode()) <= CODE_BYTES + 2 * CALLS + 20 for batch in batches)


def test_code_is_json_and_nothing_else() -> None:
    text = '"});API.market.delete({"item_id":1});//</script>&\u2028\\'
    code = code_of([Call("market.edit", as_params(name=text), lambda value: None)])
    written = code.removeprefix("return [API.market.edit(").removesuffix(")];")
    assert json.loads(written) == {"name": text}
    assert not set("<>&\u2028") & set(code)
    with pytest.raises(ValueError, match="no method"):
        code_of([Call("market.edit({});API.market.delete", {}, lambda value: None)])


def scripted(answer: Any) -> Any:
    """Serve an API that always gives this answer to an execute."""
    app = Flask(__name__)

    @app.post("/method/<name>")
    def method(name: str) -> Response:
        assert name == "execute" and request.form["code"]
        return Response(json.dumps(answer), content_type="application/json")

    return running(app)


def error(code: int, method: str = "market.edit") -> dict[str, Any]:
    return {"method": method, "error_code": code, "error_msg": "…"}


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        # An entry of the execute itself is no call's.
        (
            {"response": [1, False, 1], "execute_errors": [error(1, "execute"), error(100)]},
            [None, BadRequest, None],
        ),
        # More or fewer entries than calls that failed, or another method's: nobody knows whose they are.
        (
            {"response": [False, 1, False], "execute_errors": [error(100)]},
            [UnknownOutcome, None, UnknownOutcome],
        ),
        ({"response": [False, 1, 1], "execute_errors": [error(100)] * 2}, [UnknownOutcome, None, None]),
        (
            {"response": [False, 1, 1], "execute_errors": [error(100, "market.add")]},
            [UnknownOutcome, None, None],
        ),
        ({"response": [False, 1, 1]}, [UnknownOutcome, None, None]),
        ({"response": [None, "x", {}]}, [UnknownOutcome] * 3),
        # VK's own trouble inside leaves open what it did before.
        ({"response": [False, 1, 1], "execute_errors": [error(10)]}, [UnknownOutcome, None, None]),
    ],
)
def test_errors_are_paired_with_calls_or_honestly_unknown(
    answer: Any, kinds: list[type[CloudError] | None]
) -> None:
    calls: list[Any] = [Market(None, SHOP).editing(n, Fields(hidden=False)) for n in (1, 2, 3)]  # type: ignore[arg-type]
    with scripted(answer) as url:
        batch = run_batch(VkSession(url, "token", budget=Unlimited()), calls)
    assert [type(outcome.error) for outcome in batch.outcomes] == [kind or type(None) for kind in kinds]


@pytest.mark.parametrize(
    "answer",
    [
        {"response": [1, 1]},
        {"response": [1] * 4},
        {"response": []},
        {"response": {}},
        {"response": 1},
        {},
        [],
    ],
)
def test_results_of_other_calls_are_no_results(answer: Any) -> None:
    calls: list[Any] = [Market(None, SHOP).editing(n, Fields(hidden=False)) for n in (1, 2, 3)]  # type: ignore[arg-type]
    with scripted(answer) as url, pytest.raises(UnknownOutcome):
        run_batch(VkSession(url, "token", budget=Unlimited()), calls)


def test_too_fast_inside_is_no_failure_of_the_budget(cloud: VkCloud, market: Market) -> None:
    cloud.vk.faults.refuse(6, "market.edit", nth=1, times=1)
    batch = run_batch(market.session, edits(market, 1, 2))
    assert isinstance(batch.stop, RateLimited)
