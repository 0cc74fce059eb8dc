"""Why a cloud did not do what it was asked, in one sentence for the owner."""

from app.clients import errors
from app.clients.errors import CloudError

_SENTENCES: tuple[tuple[type[CloudError], str], ...] = (
    (errors.Unauthorized, "Эвотор не принял токен: подключите его заново с новым токеном"),
    (errors.Forbidden, "Эвотор закрыл доступ: проверьте, что приложение установлено и ему разрешены товары"),
    (errors.PaymentRequired, "приложение не оплачено на терминалах этого магазина"),
    (errors.NotFound, "такого магазина в Эвоторе больше нет"),
    (errors.BadRequest, "Эвотор не понял запрос; мы уже записали это в журнал"),
    (errors.RateLimited, "Эвотор просит обращаться реже; повторите через несколько минут"),
    (
        errors.BadPayload,
        "Эвотор прислал ответ, который не удалось прочитать; повторите через несколько минут",
    ),
    (errors.Unavailable, "Эвотор не отвечает; повторите через несколько минут"),
)


def explain(error: CloudError) -> str:
    """Give the sentence for `error`, without a full stop."""
    for kind, sentence in _SENTENCES:
        if isinstance(error, kind):
            return sentence
    return "Эвотор не выполнил запрос; повторите через несколько минут"
