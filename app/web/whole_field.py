"""A field of forms for whole numbers."""

from typing import Any

from wtforms import IntegerField

from app.web.keys import LARGEST_KEY

_LONGEST = len(str(-LARGEST_KEY))


class WholeField(IntegerField):
    """A whole number of no more digits than a key has: what is longer is none.

    WTForms compares numbers as floats, which have no room for those of hundreds of digits.
    """

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist and len(valuelist[0]) > _LONGEST:
            self.data = None
            raise ValueError(self.gettext("Not a valid integer value."))
        super().process_formdata(valuelist)
