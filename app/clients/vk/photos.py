"""Pictures of goods: sent to an upload server, then saved in the community."""

from __future__ import annotations

import ipaddress
import json
import socket

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from app.clients.errors import Action, BadPayload, BadRequest, CloudError, Told, Unavailable
from app.clients.http import HttpSession
from app.clients.vk.answer import UPLOAD_SERVER
from app.clients.vk.call import Call, as_params
from app.clients.vk.market_payload import read_new_id, read_upload_address
from app.clients.vk.meanings import row_of_upload
from app.clients.vk.session import VkSession

# A picture of 2 MB over a slow line.
TIMEOUT = (5.0, 60.0)
ANSWER_LIMIT = 64 * 1024
# Upload servers name their errors; the code is ours.
NO_CODE = 0


class ProductPhotos:
    """Send pictures for the goods of one community; not for several threads at once.

    VK gives an address to send them to, which is good for many: it is asked for when there is none yet,
    or when the last one did not work.
    """

    def __init__(
        self, session: VkSession, community_id: int, *, timeout: tuple[float, float] = TIMEOUT
    ) -> None:
        self._session = session
        self._community_id = community_id
        self._timeout = timeout
        self._server: HttpSession | None = None

    def upload(self, jpeg: bytes) -> int:
        """Send a JPEG and save it; return the id of a photo that one item can take.

        What goes wrong on the way is tried once more with a new address; pictures that were sent but not
        saved, or saved but not taken, are seen by nobody. BadRequest with a meaning is about the picture.
        Raises the other CloudErrors too, UnknownOutcome when the photo may have been saved.
        """
        try:
            return self._save(self._send(jpeg))
        except (Unavailable, BadPayload, BadRequest) as error:
            if self._server is None or error.action not in (Action.RETRY, Action.REPAIR):
                raise
            self.close()
            return self._save(self._send(jpeg))

    def close(self) -> None:
        """Forget the address and close the connection to it."""
        if self._server:
            self._server.close()
        self._server = None

    # Reference: https://dev.vk.com/ru/method/market.getProductPhotoUploadServer
    def _upload_server(self) -> HttpSession:
        if self._server is None:
            params = as_params(group_id=self._community_id)
            call = Call(UPLOAD_SERVER, params, read_upload_address)
            address = self._session.ask(call)
            check_address(address, self._session.base_url)
            self._server = HttpSession(
                address,
                headers={"Accept": "application/json"},
                timeout=self._timeout,
                ca_bundle=self._session.ca_bundle,
                body_limit=ANSWER_LIMIT,
                statuses_with_body=frozenset({200}),
                tries=1,
            )
        return self._server

    def _send(self, jpeg: bytes) -> str:
        """Send a picture; return the server's answer as it came."""
        answer = self._upload_server().post("", files={"file": ("photo.jpg", jpeg, "image/jpeg")})
        try:
            text = answer.body.decode()
            told = json.loads(text)
        except (ValueError, RecursionError):
            raise BadPayload("upload: the answer cannot be read", status=answer.status) from None
        if not isinstance(told, dict):
            raise BadPayload("upload: the answer is not an object", status=answer.status)
        error = told.get("error") or told.get("error_msg")
        if error:
            raise _refusal(error)
        return text

    # Reference: https://dev.vk.com/ru/method/market.saveProductPhoto
    def _save(self, uploaded: str) -> int:
        params = as_params(upload_response=uploaded)
        call = Call("market.saveProductPhoto", params, read_new_id("photo_id"), writes=True)
        return self._session.ask(call)


def _refusal(error: object) -> CloudError:
    row = row_of_upload(error if isinstance(error, str) else "")
    return BadRequest(f"upload: {row.meaning}", status=200, told=Told(NO_CODE, row.meaning, row.action))


def check_address(address: str, api_url: str) -> None:
    """Refuse an address that a false VK would name to make us talk to our own network, or in the clear.

    Which hosts take pictures VK does not say. With https no name can be turned against us after this
    check: the host inside would have to show a certificate for that name.
    """
    try:
        # Taken apart as it will be when it is asked: two readers may see two hosts in one address.
        upload, api = parse_url(address), parse_url(api_url)
    except LocationParseError:
        raise BadPayload("the upload address cannot be read") from None
    if upload.scheme != "https" and api.scheme != "http":
        raise BadPayload("the upload address is not https")
    # A zone of this machine is written with a percent sign, and nothing else is.
    if not upload.host or "%" in upload.host or _is_inside(upload.host) != _is_inside(api.host or ""):
        raise BadPayload("the upload address leads elsewhere")


def _is_inside(host: str) -> bool:
    """Tell whether a name leads to this machine or its private network; one that leads nowhere does not."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(not _plain(str(address[0])).is_global for *_, address in found)


def _plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, ipaddress.IPv6Address) else parsed
