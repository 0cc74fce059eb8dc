"""A click says what it did to the goods, is a step of the history, and can be taken back."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.rules.models import RuleChange
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product


def tea(stock: Stock) -> None:
    stock.put(
        groups=[group("tea", "Чай"), group("black", "Чёрный", parent="tea"), group("cups", "Чашки")],
        products=[
            product("p1", "Ассам", group="black"),
            product("p2", "Цейлон", group="black"),
            product("p3", "Улун", group="tea"),
            product("p4", "Пиала", group="cups"),
        ],
    )


def click(owner: Owner, kind: str, id: str, mode: str, store_id: str = "s1"):
    fields = {"entity_type": kind, "entity_id": id, "filter_mode": mode, "store_id": store_id}
    return owner.client.htmx_post("/catalog/filter", fields)


def effect(answer) -> str:
    (text,) = answer.page.select("//tr/@data-effect")
    return " ".join(str(text).split())


def test_a_click_says_how_many_goods_were_hidden_and_shown(alice: Owner, stock: Stock):
    tea(stock)
    assert "Снято с публикации 3 товара" in effect(click(alice, "group", "tea", "exclude"))
    assert "Вернули в публикацию 2 товара" in effect(click(alice, "group", "black", "include"))
    assert "Вернули в публикацию 1 товар" in effect(click(alice, "product", "p3", "include"))
    assert not click(alice, "product", "p3", "include").page.select("//tr/@data-effect")
    assert "Снят с публикации 1 товар" in effect(click(alice, "store", "s1", "exclude"))


@on_both
def test_the_answer_is_one_small_row(alice: Owner, stock: Stock):
    tea(stock)
    answer = click(alice, "group", "tea", "exclude")
    assert answer.text.lstrip().startswith("<tr")
    assert len(answer.page.select("//tr")) == 1
    for kind, id in (("group", "black"), ("product", "p1"), ("store", "s1")):
        assert len(click(alice, kind, id, "exclude").data) <= 1536


def test_a_result_links_the_rule_that_decided(alice: Owner, stock: Stock):
    tea(stock)
    click(alice, "group", "tea", "exclude")
    page = alice.client.get("/catalog/products?store_id=s1&group_id=black").page
    (link, *_) = page.select("//tr[@data-evotor-id='p1']//td//small/a/@href")
    answer = alice.client.get(link)
    assert answer.status_code == 303
    rule_page = alice.client.get(answer.headers["Location"]).page
    anchor = answer.headers["Location"].partition("#")[2]
    assert rule_page.texts(f"//tr/th[@id='{anchor}']") == ["Чай"]


@on_both
def test_another_owners_group_is_not_found(alice: Owner, bob: Owner, stock: Stock):
    tea(stock)
    click(alice, "group", "tea", "exclude")
    page = alice.client.get("/catalog/products?store_id=s1&group_id=black").page
    (link, *_) = page.select("//tr[@data-evotor-id='p1']//td//small/a/@href")
    assert bob.client.get(link).status_code == 404


def test_the_line_above_a_list_counts_what_is_published(alice: Owner, stock: Stock):
    tea(stock)
    page = alice.client.get("/catalog/groups?store_id=s1").page
    (url,) = page.select("//*[@id='published']/@hx-get")
    for wanted in ("Решено 4 из 4", "Решено 2 из 4"):
        for address in (url, "/catalog/published"):
            assert alice.client.get(address).text.lstrip().startswith(f"{wanted} ·")
        click(alice, "group", "black", "exclude")


@on_both
def test_a_click_is_a_step_that_can_be_taken_back_without_javascript(alice: Owner, stock: Stock):
    tea(stock)
    fields = {"entity_type": "group", "entity_id": "tea", "filter_mode": "exclude", "store_id": "s1"}
    answer = alice.client.post("/catalog/filter", data=fields)
    page = alice.client.get(answer.headers["Location"]).page
    assert "Снято с публикации 3 товара" in page.text
    (undo,) = page.select("//form[contains(@action, '/undo')]/@action")
    alice.client.post(undo, data={"next": "/catalog"})
    assert stock.rules() == {}
    history = alice.client.get("/sync/history?kind=rules").page
    assert len(history.select("//li[@data-change-id]")) == 2


@on_both
def test_a_click_is_taken_back_by_the_same_step_with_and_without_javascript(
    alice: Owner, stock: Stock, db_session: Session
):
    tea(stock)
    first = click(alice, "group", "tea", "exclude").page
    click(alice, "group", "tea", str(first.select("//tr/@data-undo")[0]))
    fields = {"entity_type": "group", "entity_id": "tea", "filter_mode": "exclude", "store_id": "s1"}
    answer = alice.client.post("/catalog/filter", data=fields)
    page = alice.client.get(answer.headers["Location"]).page
    alice.client.post(page.select("//form[contains(@action, '/undo')]/@action")[0])
    assert stock.rules() == {}
    _, undone, _, undone_without = db_session.scalars(select(RuleChange).order_by(RuleChange.id))
    for name in ("kind", "title", "moves", "appeared", "hidden"):
        assert getattr(undone, name) == getattr(undone_without, name)


@on_both
def test_a_single_step_is_restored_after_a_look_at_what_it_changes(alice: Owner, stock: Stock):
    tea(stock)
    click(alice, "group", "tea", "exclude")
    click(alice, "product", "p4", "exclude")
    history = alice.client.get("/sync/history?kind=rules").page
    revert = history.select("//form[contains(@action, '/revert')]/@action")[1]
    plan_url = alice.client.post(revert).headers["Location"]
    plan = alice.client.get(plan_url).page
    assert "Начнут публиковаться: 3" in plan.text
    assert stock.rules() == {("group", "s1", "tea"): "exclude", ("product", "s1", "p4"): "exclude"}
    (apply_url,) = plan.select("//form/@action[contains(., '/apply')]")
    alice.client.post(apply_url)
    assert stock.rules() == {("product", "s1", "p4"): "exclude"}
    # A plan is applied once, however often its button is pressed.
    alice.client.post(apply_url)
    assert "уже применено" in alice.client.get("/sync/history?kind=rules").page.text


def test_the_history_of_another_owner_is_out_of_reach(alice: Owner, bob: Owner, stock: Stock):
    tea(stock)
    click(alice, "group", "tea", "exclude")
    page = alice.client.get("/sync/history?kind=rules").page
    (change_id,) = page.select("//li/@data-change-id")
    assert bob.client.get(f"/sync/changes/{change_id}").status_code == 404
    for action in ("apply", "discard", "undo", "revert"):
        assert bob.client.post(f"/sync/changes/{change_id}/{action}").status_code == 404
    assert not bob.client.get("/sync/history?kind=rules").page.select("//li[@data-change-id]")


@on_both
def test_a_long_history_is_read_page_by_page(alice: Owner, stock: Stock):
    tea(stock)
    for number in range(53):
        stock.decide("product", "p1", "exclude" if number % 2 else "include")
    first = alice.client.get("/sync/history?kind=rules").page
    assert len(first.select("//li[@data-change-id]")) == 50
    (older,) = first.select("//a[@rel='next']/@href")
    second = alice.client.get(older).page
    assert len(second.select("//li[@data-change-id]")) == 3
    assert not second.select("//a[@rel='next']")
    assert alice.client.get("/sync/history?after=nonsense").status_code == 400
