"""Faults of VK's methods: which calls they strike, and how often. What they do is told in `spoiling`."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from sandbox.board import Board


class Kind(NamedTuple):
    """A kind of fault; `done` tells whether the work is usually done before the answer is spoiled."""

    title: str
    done: bool = False


ERROR = "error"
# Put in place of the whole answer, also when the call stands inside of an execute.
TRANSPORT = {
    "status_500": Kind("500: ошибка ВКонтакте"),
    "status_502": Kind("502: ВКонтакте за шлюзом не отвечает"),
    "silence": Kind("Молчит и не отвечает"),
    "html_body": Kind("200, но вместо данных страница"),
    "garbage": Kind("200, но данные не читаются"),
    "cut": Kind("Соединение оборвано: работа сделана, ответа нет", done=True),
    "truncated": Kind("Ответ оборван на середине", done=True),
    "gigantic": Kind("Огромный ответ", done=True),
}
# Change what a method is asked or what it answers.
SHAPES = {
    "ids_as_strings": Kind("Номера пришли строками"),
    "ids_not_numbers": Kind("Номера пришли не числами"),
    "false_numbers": Kind("Номера и количества такие, каких не бывает"),
    "escaped_texts": Kind("Тексты пришли с &quot; и &amp;"),
    "absent_fields": Kind("Необязательных полей нет"),
    "page_repeats_item": Kind("Страницы сдвинулись: товар пришёл дважды"),
    "page_skips_item": Kind("Страницы сдвинулись: товар пропущен"),
    "lying_count": Kind("Число товаров неверно"),
    "empty_page": Kind("Страница пуста, хотя товары есть"),
    "number_of_another": Kind("Новому дан номер, который уже занят"),
    "foreign_upload_url": Kind("Адрес загрузки ведёт на чужой узел"),
}
KINDS = {ERROR: Kind("Метод отвечает ошибкой"), **TRANSPORT, **SHAPES}


@dataclass(frozen=True)
class VkFault:
    """One fault that is switched on.

    `method` None: any request (for shapes any call, inside of an execute too); `nth` is the first fitting
    call that it strikes, `times` how many it strikes then, None until cleared; `code` and `message` belong
    to an error; `seconds` to silence, `megabytes` to the gigantic answer, `url` to the upload address and
    `number` to what was just added; `false` is what stands in place of numbers.
    """

    name: str
    method: str | None = None
    nth: int = 1
    times: int | None = None
    done: bool = False
    code: int = 10
    message: str = ""
    seconds: float = 60.0
    megabytes: int = 50
    url: str = "http://elsewhere.invalid/upload"
    number: int = 1
    false: int = 2**63 - 1
    id: int = 0

    def fits(self, kinds: Collection[str], method: str, inside: bool) -> bool:
        """Tell whether the fault may strike this call."""
        if self.name not in kinds:
            return False
        return method == self.method or (self.method is None and (not inside or self.name in SHAPES))

    def as_json(self) -> dict[str, Any]:
        """Return the fault as plain data."""
        return asdict(self)


class VkFaults(Board[VkFault]):
    """The faults that are switched on; the oldest that fits a call strikes."""

    def add(self, name: str, **where: Any) -> VkFault:
        """Switch a fault on; keywords are fields of VkFault, an unknown name or field is a ValueError."""
        if name not in KINDS:
            raise ValueError(f"unknown fault: {name}")
        try:
            fault = VkFault(name, **{"done": KINDS[name].done, **where})
        except TypeError as error:
            raise ValueError(f"unknown field of a fault among: {', '.join(sorted(where))}") from error
        if fault.nth < 1 or (fault.times is not None and fault.times < 1):
            raise ValueError("nth and times are whole numbers from 1")
        return self._switch_on(fault)

    def refuse(self, code: int, method: str | None = None, **where: Any) -> VkFault:
        """Let a method answer with an error: refuse(6, "market.edit", times=1)."""
        return self.add(ERROR, code=code, method=method, **where)

    def lose(self, method: str, nth: int = 1, how: str = "cut", **where: Any) -> VkFault:
        """Do the work of the n-th call from now and lose its answer; `how` is one of TRANSPORT."""
        return self.add(how, method=method, nth=nth, **{"times": 1, "done": True, **where})

    def take(self, kinds: Collection[str], method: str, inside: bool) -> VkFault | None:
        """Return the fault of these kinds that strikes this call, if any, and count it."""
        with self._lock:
            for fault in list(self._active.values()):
                if not fault.fits(kinds, method, inside):
                    continue
                if fault.nth > 1:
                    self._active[fault.id] = replace(fault, nth=fault.nth - 1)
                    continue
                self._count(fault)
                return fault
        return None
