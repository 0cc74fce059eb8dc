"""VK's codes: each in the table with one meaning and one action, and what it does to a call."""

from typing import Any

import pytest
from flask import Flask, Response, jsonify, request

from app.clients.errors import Action, BadRequest, CloudError, ConfirmationNeeded, UnknownOutcome
from app.clients.vk.call import Call, as_params
from app.clients.vk.market_payload import read_done
from app.clients.vk.meanings import TABLE, Meaning, row_of, row_of_upload
from app.clients.vk.session import VkSession
from sandbox.server import running
from tests.clients.vk_cloud import Unlimited

PREFIX = "One of the parameters specified was missing or invalid: "
TOKEN = "vk2.a.secret-token"


@pytest.mark.parametrize(
    ("codes", "meaning", "action"),
    [
        ((1, 10, 36), Meaning.INTERNAL, Action.RETRY),
        ((2, 28, 3, 8), Meaning.APP_REFUSED, Action.STOP),
        ((5, 1117, 3609), Meaning.TOKEN_DEAD, Action.REFRESH_TOKEN),
        ((6,), Meaning.TOO_FAST, Action.SLOW_DOWN),
        ((7, 203, 205), Meaning.ROLE_LOST, Action.STOP),
        ((9,), Meaning.FLOOD, Action.PAUSE),
        ((29, 103), Meaning.LIMIT, Action.PAUSE),
        ((12, 13), Meaning.BAD_BATCH, Action.SMALLER_BATCH),
        ((14,), Meaning.CAPTCHA, Action.ASK_OWNER),
        ((17, 11500), Meaning.VALIDATION, Action.ASK_OWNER),
        ((24,), Meaning.CONFIRMATION, Action.ASK_OWNER),
        ((15,), Meaning.SCOPE_MISSING, Action.STOP),
        ((18, 27, 37), Meaning.BLOCKED, Action.STOP),
        ((43, 1438, 1525), Meaning.MARKET_OFF, Action.STOP),
        ((100,), Meaning.BAD_PARAMETER, Action.THIS_ITEM),
        ((121, 129), Meaning.PHOTO_STALE, Action.REPAIR),
        ((1400,), Meaning.RESTORE_TOO_LATE, Action.THIS_ITEM),
        ((1402,), Meaning.ALBUM_GONE, Action.REPAIR),
        ((1403,), Meaning.ITEM_GONE, Action.REPAIR),
        ((1404,), Meaning.ALREADY_IN_ALBUM, Action.SUCCESS),
        ((1405,), Meaning.TOO_MANY_ITEMS, Action.STOP_ADDING),
        ((1406,), Meaning.TOO_MANY_IN_ALBUM, Action.STOP_ADDING),
        ((1407,), Meaning.TOO_MANY_ALBUMS, Action.STOP_ADDING),
        ((1408,), Meaning.BAD_LINKS, Action.THIS_ITEM),
        ((1416, 1417), Meaning.VARIANTS, Action.THIS_ITEM),
        ((1429,), Meaning.DIMENSIONS, Action.THIS_ITEM),
        ((1433, 1434, 1435), Meaning.PHOTO_REFUSED, Action.THIS_ITEM),
        ((1446, 1457, 1458), Meaning.ALBUM_MAIN, Action.THIS_ITEM),
        ((1518,), Meaning.NOT_DELETED, Action.SUCCESS),
        ((777, -5, 0), Meaning.UNKNOWN, Action.THIS_ITEM),
    ],
)
def test_each_code_has_one_meaning_and_one_action(
    codes: tuple[int, ...], meaning: Meaning, action: Action
) -> None:
    assert {row_of(code)[:2] for code in codes} == {(meaning, action)}


def test_what_somebody_has_to_act_on_is_permanent_and_what_passes_is_not() -> None:
    passing = {Action.RETRY, Action.SLOW_DOWN, Action.PAUSE}
    for row in TABLE.values():
        assert row.kind.permanent == (row.action not in passing), row


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("name should be at least 4 letters length", Meaning.NAME_LENGTH),
        ("description should be at least 10 letters length", Meaning.DESCRIPTION_LENGTH),
        ("photo is undefined", Meaning.PHOTO_MISSING),
        ("photo not found or already assigned to another item", Meaning.PHOTO_STALE),
        ("nothing to change", Meaning.NOTHING_TO_CHANGE),
        ("failed to save crop photo", Meaning.PHOTO_REFUSED),
        ("invalid photo crop", Meaning.PHOTO_REFUSED),
        ("category_id is invalid", Meaning.CATEGORY_WRONG),
        ("price is invalid", Meaning.PRICE_WRONG),
        ("only groups supported", Meaning.BAD_PARAMETER),
        ("", Meaning.BAD_PARAMETER),
    ],
)
def test_the_words_of_a_bad_parameter_say_which(text: str, meaning: Meaning) -> None:
    assert row_of(100, text=PREFIX + text).meaning is meaning
    assert row_of(100, text=text.upper()).meaning is meaning


@pytest.mark.parametrize(
    ("subcode", "text", "writes", "meaning"),
    [
        (None, "Access denied", True, Meaning.ROLE_LOST),
        (None, "Access denied", False, Meaning.SCOPE_MISSING),
        (1133, "Access denied", True, Meaning.SCOPE_MISSING),
        (1134, "Access denied", True, Meaning.SCOPE_MISSING),
        (None, "Access denied: no access to call this method", True, Meaning.SCOPE_MISSING),
    ],
)
def test_a_lost_role_is_told_from_a_right_that_was_never_given(
    subcode: int | None, text: str, writes: bool, meaning: Meaning
) -> None:
    assert row_of(15, subcode=subcode, text=text, writes=writes).meaning is meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("ERR_UPLOAD_BAD_IMAGE_SIZE: market photo min size 400x400", Meaning.PHOTO_TOO_SMALL),
        ("ERR_UPLOAD_FILE_NOT_SUPPORTED: …", Meaning.PHOTO_FORMAT),
        ("ERR_UPLOAD_FILE_TOO_BIG", Meaning.PHOTO_REFUSED),
        ("ERR_UPLOAD_FILE_NOT_UPLOADED: …", Meaning.PHOTO_STALE),
        ("", Meaning.PHOTO_STALE),
    ],
)
def test_the_upload_server_names_its_errors(text: str, meaning: Meaning) -> None:
    assert row_of_upload(text).meaning is meaning


def refusing(error: dict[str, Any], times: int = 10**6) -> tuple[Any, list[dict[str, str]]]:
    """Serve an API that refuses the first calls so and then says 1; return it and what it was sent."""
    app, sent = Flask(__name__), []

    @app.post("/method/<name>")
    def method(name: str) -> Response:
        sent.append(request.form.to_dict())
        return jsonify({"error": error} if len(sent) <= times else {"response": 1})

    return running(app), sent


WRITING = Call("market.edit", as_params(item_id=1), read_done, writes=True)
READING = Call("market.get", {}, read_done)


@pytest.mark.parametrize("code", [*sorted(TABLE), 777])
def test_a_writing_call_is_sent_once_whatever_the_code(code: int) -> None:
    server, sent = refusing({"error_code": code, "error_msg": TOKEN})
    with server as url, pytest.raises(CloudError) as failure:
        VkSession(url, TOKEN, budget=Unlimited()).ask(WRITING)
    assert len(sent) == 1
    # VK's own trouble leaves open what it did before; any other refusal is one.
    assert isinstance(failure.value, UnknownOutcome) == (row_of(code).action is Action.RETRY)
    assert TOKEN not in repr(vars(failure.value)) + str(failure.value)


@pytest.mark.parametrize("code", [*sorted(TABLE), 777])
def test_a_reading_call_is_tried_again_only_where_that_may_help(code: int) -> None:
    server, sent = refusing({"error_code": code})
    waits: list[float] = []
    with server as url, pytest.raises(CloudError) as failure:
        VkSession(url, TOKEN, budget=Unlimited(), sleep=waits.append).ask(READING)
    action = row_of(code).action
    assert len(sent) == (4 if action in (Action.RETRY, Action.SLOW_DOWN) else 1)
    assert action is not Action.SLOW_DOWN or min(waits) >= 1
    assert (failure.value.code, failure.value.action) == (code, action)


def test_a_refused_token_is_exchanged_once_and_a_reading_call_repeated() -> None:
    server, sent = refusing({"error_code": 5}, times=1)
    with server as url:
        VkSession(url, "old", budget=Unlimited(), renew=lambda refused: f"newer than {refused}").ask(READING)
    assert [form["access_token"] for form in sent] == ["old", "newer than old"]
    server, sent = refusing({"error_code": 5})
    with server as url, pytest.raises(CloudError):
        VkSession(url, "old", budget=Unlimited(), renew=lambda refused: "new").ask(READING)
    assert len(sent) == 2


def test_a_writing_call_whose_token_was_refused_is_not_repeated_and_the_next_has_the_new_one() -> None:
    server, sent = refusing({"error_code": 5}, times=1)
    with server as url:
        session = VkSession(url, "old", budget=Unlimited(), renew=lambda refused: "new")
        with pytest.raises(UnknownOutcome):
            session.ask(WRITING)
        session.ask(WRITING)
    assert [form["access_token"] for form in sent] == ["old", "new"]


@pytest.mark.parametrize(
    ("error", "address"),
    [
        (
            {"error_code": 14, "redirect_uri": "https://id.vk.ru/not_robot?a=b"},
            "https://id.vk.ru/not_robot?a=b",
        ),
        ({"error_code": 17, "redirect_uri": "https://m.vk.com/x"}, "https://m.vk.com/x"),
        ({"error_code": 24, "confirmation_text": "Изменить товары?"}, None),
        ({"error_code": 24, "redirect_uri": "javascript:x"}, None),
    ],
    ids=["captcha", "validation", "confirmation", "odd confirmation"],
)
def test_who_has_to_prove_something_is_told_where(error: dict[str, Any], address: str | None) -> None:
    server, _ = refusing(error)
    with server as url, pytest.raises(ConfirmationNeeded) as needed:
        VkSession(url, TOKEN, budget=Unlimited()).ask(WRITING)
    assert needed.value.address == address


def test_an_error_that_quotes_everything_that_was_sent_is_still_short() -> None:
    server, _ = refusing({"error_code": 100, "error_msg": "x" * 10**6, "request_params": [TOKEN] * 1000})
    with server as url, pytest.raises(CloudError) as failure:
        VkSession(url, TOKEN, budget=Unlimited()).ask(READING)
    assert len(str(failure.value)) < 200 and TOKEN not in repr(vars(failure.value))
    assert isinstance(failure.value, BadRequest) or failure.value.code is None
