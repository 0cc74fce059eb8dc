"""What keeps an owner from publishing: each problem with its own words, remedy and button."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from flask import current_app, url_for
from flask_babel import gettext

from app.connections.models import (
    BLOCKED,
    BUSY,
    CONFIRM,
    EVOTOR,
    MARKET_OFF,
    NO_MARKET,
    OFFLINE,
    RECONNECT,
    ROLE_LOST,
    VK,
    CloudAccount,
)
from app.web.language import translated
from app.words import gettext_noop


class Kind(StrEnum):
    """The problems, by what has to be done about them."""

    NO_EVOTOR = "no_evotor"
    EVOTOR_DEAD_TOKEN = "evotor_dead_token"  # noqa: S105 (the name of a problem)
    EVOTOR_AWAY = "evotor_away"
    NO_VK = "no_vk"
    VK_TOKEN_DEAD = "vk_token_dead"  # noqa: S105 (the name of a problem)
    SCOPE_MISSING = "scope_missing"
    NO_COMMUNITY = "no_community"
    MARKET_OFF = "market_off"
    ROLE_LOST = "role_lost"
    BLOCKED = "blocked"
    CAPTCHA = "captcha"
    VK_AWAY = "vk_away"
    FLOOD = "flood"


class Button(NamedTuple):
    """Where the owner mends it; a foreign one leaves the site."""

    text: str
    url: str
    is_foreign: bool = False


class _Words(NamedTuple):
    title: str
    remedy: str
    button: str
    endpoint: str


_CHECK = (gettext_noop("Проверить подключение"), "connections.index")
_WAIT = gettext_noop("Повторяем сами. Обычно связь восстанавливается за несколько минут")
_WORDS = {
    Kind.NO_EVOTOR: _Words(
        gettext_noop("Эвотор не подключён"),
        gettext_noop("Подключите его, чтобы Витрина знала ваши товары"),
        gettext_noop("Подключить Эвотор"),
        "connections.evotor.connect",
    ),
    Kind.EVOTOR_DEAD_TOKEN: _Words(
        gettext_noop("Нет доступа к Эвотору"),
        gettext_noop("Токен больше не действует: вставьте новый"),
        gettext_noop("Вставить новый токен"),
        "connections.evotor.connect",
    ),
    Kind.EVOTOR_AWAY: _Words(gettext_noop("Нет связи с Эвотором"), _WAIT, *_CHECK),
    Kind.NO_VK: _Words(
        gettext_noop("ВКонтакте не подключён"),
        gettext_noop("Подключите аккаунт, который управляет вашим сообществом"),
        gettext_noop("Подключить ВКонтакте"),
        "connections.vk.start",
    ),
    Kind.VK_TOKEN_DEAD: _Words(
        gettext_noop("Нет доступа к ВКонтакте"),
        gettext_noop("Подключите его заново"),
        gettext_noop("Переподключить"),
        "connections.vk.start",
    ),
    Kind.SCOPE_MISSING: _Words(
        gettext_noop("Доступ к товарам ещё не выдан"),
        gettext_noop("ВКонтакте выдаёт его вручную. Подключение сохранено, проверяем доступ сами"),
        gettext_noop("Переподключить"),
        "connections.vk.start",
    ),
    Kind.NO_COMMUNITY: _Words(
        gettext_noop("Сообщество не выбрано"),
        gettext_noop("Выберите, куда выкладывать товары"),
        gettext_noop("Выбрать сообщество"),
        "connections.vk.community",
    ),
    Kind.MARKET_OFF: _Words(
        gettext_noop("В сообществе выключен раздел «Товары»"),
        gettext_noop("Включите его во ВКонтакте: «Управление → Настройки → Разделы»"),
        gettext_noop("Как включить"),
        "connections.vk.community",
    ),
    Kind.ROLE_LOST: _Words(
        gettext_noop("Вы больше не администратор сообщества"),
        gettext_noop("Верните себе роль или выберите другое сообщество"),
        gettext_noop("Выбрать другое сообщество"),
        "connections.vk.community",
    ),
    Kind.BLOCKED: _Words(
        gettext_noop("ВКонтакте заблокировал аккаунт или сообщество"),
        gettext_noop("Снимите блокировку во ВКонтакте, потом подключите его заново"),
        gettext_noop("Переподключить"),
        "connections.vk.start",
    ),
    Kind.CAPTCHA: _Words(
        gettext_noop("ВКонтакте просит подтвердить, что это вы"),
        gettext_noop("Пройдите его проверку и нажмите «Проверить сейчас»"),
        *_CHECK,
    ),
    Kind.VK_AWAY: _Words(gettext_noop("Нет связи с ВКонтакте"), _WAIT, *_CHECK),
    Kind.FLOOD: _Words(
        gettext_noop("ВКонтакте просит подождать"),
        gettext_noop("Слишком много действий подряд. Продолжим сами"),
        *_CHECK,
    ),
}
_KINDS = {
    EVOTOR: {RECONNECT: Kind.EVOTOR_DEAD_TOKEN, OFFLINE: Kind.EVOTOR_AWAY},
    VK: {
        RECONNECT: Kind.VK_TOKEN_DEAD,
        NO_MARKET: Kind.SCOPE_MISSING,
        MARKET_OFF: Kind.MARKET_OFF,
        ROLE_LOST: Kind.ROLE_LOST,
        BLOCKED: Kind.BLOCKED,
        CONFIRM: Kind.CAPTCHA,
        OFFLINE: Kind.VK_AWAY,
        BUSY: Kind.FLOOD,
    },
}
_ABSENT = {EVOTOR: Kind.NO_EVOTOR, VK: Kind.NO_VK}
PASSING = frozenset({Kind.EVOTOR_AWAY, Kind.VK_AWAY, Kind.FLOOD})
_SEVERAL_WAYS = frozenset({Kind.EVOTOR_DEAD_TOKEN, Kind.VK_TOKEN_DEAD, Kind.EVOTOR_AWAY, Kind.VK_AWAY})


@dataclass(frozen=True)
class Problem:
    """One problem; `reason` tells how it came about, `address` is where VK lets a person pass its check."""

    kind: Kind
    reason: str | None = None
    address: str | None = None

    @property
    def title(self) -> str:
        """What is wrong, without a full stop."""
        return gettext(_WORDS[self.kind].title)

    @property
    def remedy(self) -> str:
        """What happens next, or what the owner does; without a full stop."""
        return gettext(_WORDS[self.kind].remedy)

    @property
    def sentence(self) -> str:
        """What is wrong and more about it, without the last full stop."""
        return f"{self.title}. {self.reason or self.remedy}"

    @property
    def is_passing(self) -> bool:
        """Whether it goes away without the owner."""
        return self.kind in PASSING

    @property
    def needs_owner(self) -> bool:
        """Whether only the owner can mend it."""
        return not self.is_passing and self.kind is not Kind.SCOPE_MISSING

    @property
    def mends_elsewhere(self) -> bool:
        """Whether its button leads further than to the page of connections."""
        return bool(self.address) or _WORDS[self.kind].endpoint != "connections.index"

    @property
    def button(self) -> Button | None:
        """What mends it; in a request only. None where this installation has no app at VK."""
        if self.kind is Kind.CAPTCHA and self.address:
            return Button(gettext("Подтвердить во ВКонтакте"), self.address, is_foreign=True)
        words = _WORDS[self.kind]
        if words.endpoint == "connections.vk.start" and not current_app.extensions["settings"].vk_client_id:
            return None
        return Button(gettext(words.button), url_for(words.endpoint))


def problem_of(provider: str, connection: CloudAccount | None) -> Problem | None:
    """Tell what is wrong with the owner's connection to `provider`, None for nothing."""
    if connection is None:
        return Problem(_ABSENT[provider])
    kind = _KINDS[provider].get(connection.status)
    if kind is Kind.CAPTCHA:
        return Problem(kind, address=connection.profile.get("confirm_at"))
    if kind in _SEVERAL_WAYS and connection.last_error:
        sentence = translated(connection.last_error)
        # What passes is tried again without the owner, who needs no advice to do so.
        sentence = sentence.partition(";")[0] if kind in PASSING else sentence
        return Problem(kind, reason=sentence[0].upper() + sentence[1:])
    if kind is not None:
        return Problem(kind)
    if provider == VK and "community" not in connection.profile:
        return Problem(Kind.NO_COMMUNITY)
    return None
