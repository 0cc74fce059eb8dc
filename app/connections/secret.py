"""The secret of a connection, whichever cloud it opens."""

from typing import Any

from app.connections.models import EVOTOR, VK, CloudAccount
from app.data import crypto
from app.words import gettext_noop

NOT_DECRYPTED = {
    EVOTOR: gettext_noop("Сохранённый токен не удалось расшифровать: подключите Эвотор заново"),
    VK: gettext_noop("Сохранённый доступ не удалось расшифровать: подключите ВКонтакте заново"),
}


class ReconnectNeeded(Exception):
    """Only the owner can help, as where the secret cannot be read.

    The message is for the owner, who is shown it `translated`.
    """


def secret_of(connection: CloudAccount) -> dict[str, Any]:
    """Decrypt the connection's secret; raises ReconnectNeeded.

    Nothing is kept of a failure: the next check reads it again, and a key that was put back mends it.
    """
    try:
        return connection.secret
    except crypto.UnknownKey as error:
        raise ReconnectNeeded(NOT_DECRYPTED[connection.provider]) from error
