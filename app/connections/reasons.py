"""Why a cloud did not do what it was asked, in one sentence for the owner."""

from app.clients import errors
from app.clients.errors import CloudError
from app.connections.models import EVOTOR, VK
from app.words import gettext_noop

Sentences = tuple[tuple[type[CloudError], str], ...]

_EVOTOR: Sentences = (
    (errors.Unauthorized, gettext_noop("Токен Эвотора больше не действует: вставьте новый")),
    (
        errors.Forbidden,
        gettext_noop("Эвотор закрыл доступ: проверьте, что приложение установлено и ему разрешены товары"),
    ),
    (errors.PaymentRequired, gettext_noop("приложение не оплачено. Оплатите «Витрину» в кабинете Эвотора")),
    (errors.NotFound, gettext_noop("такого магазина в Эвоторе больше нет")),
    (errors.BadRequest, gettext_noop("Эвотор не понял запрос; мы уже записали это в журнал")),
    (errors.RateLimited, gettext_noop("Эвотор просит обращаться реже; повторите через несколько минут")),
    (
        errors.BadPayload,
        gettext_noop("Эвотор прислал ответ, который не удалось прочитать; повторите через несколько минут"),
    ),
    (errors.Unavailable, gettext_noop("Эвотор не отвечает; повторите через несколько минут")),
)

_VK: Sentences = (
    (errors.Unauthorized, gettext_noop("Доступ отозван или устарел: подключите ВКонтакте заново")),
    (
        errors.ScopeMissing,
        gettext_noop(
            "ВКонтакте ещё не выдал Витрине доступ к товарам: подключение сохранено, проверяем доступ сами"
        ),
    ),
    (
        errors.RoleLost,
        gettext_noop(
            "Вы больше не администратор этого сообщества: верните себе роль или выберите другое сообщество"
        ),
    ),
    (
        errors.Blocked,
        gettext_noop(
            "ВКонтакте заблокировал аккаунт или сообщество: снимите блокировку и подключите его заново"
        ),
    ),
    (
        errors.MarketOff,
        gettext_noop(
            "В сообществе выключен раздел «Товары»: включите его в «Управление → Настройки → Разделы»"
        ),
    ),
    (
        errors.ConfirmationNeeded,
        gettext_noop(
            "ВКонтакте просит подтвердить, что это вы: пройдите его проверку и нажмите «Проверить сейчас»"
        ),
    ),
    (errors.Forbidden, gettext_noop("ВКонтакте закрыл доступ: подключите его заново")),
    (errors.BadRequest, gettext_noop("ВКонтакте не понял запрос; мы уже записали это в журнал")),
    (errors.RateLimited, gettext_noop("ВКонтакте просит обращаться реже; повторите через несколько минут")),
    (
        errors.BadPayload,
        gettext_noop(
            "ВКонтакте прислал ответ, который не удалось прочитать; повторите через несколько минут"
        ),
    ),
    (errors.Unavailable, gettext_noop("ВКонтакте не отвечает; повторите через несколько минут")),
)

# Of a token that has never worked.
NOT_TAKEN = gettext_noop("Эвотор не принял токен. Скопируйте его в кабинете целиком и вставьте ещё раз")

_SENTENCES = {EVOTOR: _EVOTOR, VK: _VK}
_UNKNOWN = {
    EVOTOR: gettext_noop("Эвотор не выполнил запрос; повторите через несколько минут"),
    VK: gettext_noop("ВКонтакте не выполнил запрос; повторите через несколько минут"),
}


def explain(error: CloudError, provider: str = EVOTOR) -> str:
    """Give the sentence for `error` of this provider's cloud, without a full stop; to be `translated`."""
    for kind, sentence in _SENTENCES[provider]:
        if isinstance(error, kind):
            return sentence
    return _UNKNOWN[provider]
