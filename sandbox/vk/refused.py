"""How VK says no: codes with their words, as in the error list of its published schema."""

MESSAGES = {
    1: "Unknown error occurred",
    2: "Application is disabled. Enable your application or use test mode",
    3: "Unknown method passed",
    5: "User authorization failed: invalid access_token (4).",
    6: "Too many requests per second",
    7: "Permission to perform this action is denied",
    8: "Invalid request: v is required",
    9: "Flood control",
    10: "Internal server error: Unknown error, try later",
    12: "Unable to compile code",
    13: "Runtime error occurred during code invocation",
    14: "Captcha needed",
    15: "Access denied",
    17: "Validation required: please open redirect_uri in browser",
    18: "User was deleted or banned",
    24: "Confirmation required",
    27: "Group authorization failed: method is unavailable with group auth.",
    28: "Application authorization failed",
    29: "Rate limit reached",
    36: "Method execution was interrupted due to timeout",
    37: "User was banned",
    43: "This section is temporary unavailable",
    100: "One of the parameters specified was missing or invalid",
    103: "Out of limits",
    121: "Invalid hash",
    129: "Invalid photo",
    203: "Access to group denied",
    205: "Access denied",
    1117: "Access token has expired",
    1400: "Too late for restore",
    1402: "Album not found",
    1403: "Item not found",
    1404: "Item already added to album",
    1405: "Too many items",
    1406: "Too many items in album",
    1407: "Too many albums",
    1408: "Item has bad links in description",
    1416: "Variant not found",
    1429: "Specify width, length, height and weight all together",
    1431: "Market was already enabled in this group",
    1432: "Market was already disabled in this group",
    1433: "Invalid image crop format",
    1434: "Crop bottom right corner is outside of the image",
    1435: "Crop size is less than the minimum",
    1438: "Market not enabled",
    1446: "Main album can not be hidden",
    1457: "Failed to set album as main",
    1458: "Failed to unset album as main",
    1518: "Item is not deleted",
    1525: "Market is disabled",
    1526: "Market services are disabled",
    3609: "Token extension required",
    11500: "Check user action",
}


class Refused(Exception):
    """A method does not do what was asked; `about` follows the words of the code after a colon."""

    def __init__(self, code: int, about: str = "") -> None:
        super().__init__(code, about)
        self.code = code
        self.about = about

    @property
    def message(self) -> str:
        """The text of the error."""
        words = MESSAGES.get(self.code, "Unknown error occurred")
        return f"{words}: {self.about}" if self.about else words
