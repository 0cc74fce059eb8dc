"""Entities of HTML in the texts of clouds and tills, decoded: `&laquo;` and `&#171;` are «."""

import html
import re

# Python refuses to read a number of some thousands of digits; none of so many is a letter's.
_ENDLESS = re.compile("&#[0-9]{100,};?")


def unescaped(text: str) -> str:
    """Decode the entities of `text`, once."""
    return html.unescape(_ENDLESS.sub("\N{REPLACEMENT CHARACTER}", text) if "&#" in text else text)
