"""Why a cloud did not do what it was asked, in one sentence for the owner."""

from app.clients import errors
from app.clients.errors import CloudError
from app.connections.models import EVOTOR, VK

Sentences = tuple[tuple[type[CloudError], str], ...]

_EVOTOR: Sentences = (
    (errors.Unauthorized, "Токен Эвотора больше не действует: вставьте новый"),
    (errors.Forbidden, "Эвотор закрыл доступ: проверьте, что приложение установлено и ему разрешены товары"),
    (errors.PaymentRequired, "приложение не оплачено. Оплатите «Витрину» в кабинете Эвотора"),
    (errors.NotFound, "такого магазина в Эвоторе больше нет"),
    (errors.BadRequest, "Эвотор не понял запрос; мы уже записали это в журнал"),
    (errors.RateLimited, "Эвотор просит обращаться реже; повторите через несколько минут"),
    (
        errors.BadPayload,
        "Эвотор прислал ответ, который не удалось прочитать; повторите через несколько минут",
    ),
    (errors.Unavailable, "Эвотор не отвечает; повторите через несколько минут"),
)

_VK: Sentences = (
    (errors.Unauthorized, "Доступ отозван или устарел: подключите ВКонтакте заново"),
    (
        errors.ScopeMissing,
        "ВКонтакте ещё не выдал Витрине доступ к товарам: подключение сохранено, проверяем доступ сами",
    ),
    (
        errors.RoleLost,
        "Вы больше не администратор этого сообщества: верните себе роль или выберите другое сообщество",
    ),
    (
        errors.Blocked,
        "ВКонтакте заблокировал аккаунт или сообщество: снимите блокировку и подключите его заново",
    ),
    (
        errors.MarketOff,
        "В сообществе выключен раздел «Товары»: включите его в «Управление → Настройки → Разделы»",
    ),
    (
        errors.ConfirmationNeeded,
        "ВКонтакте просит подтвердить, что это вы: пройдите его проверку и нажмите «Проверить сейчас»",
    ),
    (errors.Forbidden, "ВКонтакте закрыл доступ: подключите его заново"),
    (errors.BadRequest, "ВКонтакте не понял запрос; мы уже записали это в журнал"),
    (errors.RateLimited, "ВКонтакте просит обращаться реже; повторите через несколько минут"),
    (
        errors.BadPayload,
        "ВКонтакте прислал ответ, который не удалось прочитать; повторите через несколько минут",
    ),
    (errors.Unavailable, "ВКонтакте не отвечает; повторите через несколько минут"),
)

# Of a token that has never worked.
NOT_TAKEN = "Эвотор не принял токен. Скопируйте его в кабинете целиком и вставьте ещё раз"

_SENTENCES = {EVOTOR: _EVOTOR, VK: _VK}
_UNKNOWN = {
    EVOTOR: "Эвотор не выполнил запрос; повторите через несколько минут",
    VK: "ВКонтакте не выполнил запрос; повторите через несколько минут",
}


def explain(error: CloudError, provider: str = EVOTOR) -> str:
    """Give the sentence for `error` of this provider's cloud, without a full stop."""
    for kind, sentence in _SENTENCES[provider]:
        if isinstance(error, kind):
            return sentence
    return _UNKNOWN[provider]
