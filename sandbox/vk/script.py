"""The little of VKScript that clients write: JSON literals, `Args.x`, `var`, calls of the API, `return`."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

BLANK = re.compile(r"[ \t\r\n]*")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"')
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
WORDS = {"true": True, "false": False, "null": None}
DEEPEST = 100

CallApi = Callable[[str, dict[str, Any]], Any]
# A piece of the program, to be asked for its value.
Value = Callable[["Running"], Any]


class BadScript(Exception):
    """The code does not compile; `place` counts characters from 0."""

    def __init__(self, about: str, place: int) -> None:
        super().__init__(f"{about} at {place}")


class Running:
    """A program on its way: what was sent beside it, its variables, and the way to the API."""

    def __init__(self, arguments: Mapping[str, str], call: CallApi) -> None:
        self.arguments = arguments
        self.call = call
        self.variables: dict[str, Any] = {}


def compile_script(code: str) -> Callable[[Mapping[str, str], CallApi], Any]:
    """Return a function that runs the code with its Args and a way to call the API; BadScript otherwise."""
    statements, result = _Reader(code).program()

    def run(arguments: Mapping[str, str], call: CallApi) -> Any:
        running = Running(arguments, call)
        for name, value in statements:
            running.variables[name] = value(running)
        return result(running)

    return run


class _Reader:
    """Read the code from left to right."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.place = 0
        self.known: set[str] = set()
        self.depth = 0

    def program(self) -> tuple[list[tuple[str, Value]], Value]:
        statements: list[tuple[str, Value]] = []
        while self.takes_word("var"):
            name = self.name()
            self.needs("=")
            statements.append((name, self.value()))
            self.known.add(name)
            self.needs(";")
        if not self.takes_word("return"):
            raise self.bad("return expected")
        result = self.value()
        self.takes(";")
        self.skip()
        if self.place < len(self.code):
            raise self.bad("unexpected text after return")
        return statements, result

    def value(self) -> Value:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.bad("too deep")
        self.skip()
        begins = self.code[self.place : self.place + 1]
        if begins == "[":
            read = self.list()
        elif begins == "{":
            read = self.object()
        elif begins == '"':
            read = _constant(self.string())
        elif number := NUMBER.match(self.code, self.place):
            self.place = number.end()
            read = _constant(float(number[0]) if number[1] or number[2] else int(number[0]))
        else:
            read = self.word()
        self.depth -= 1
        return read

    def list(self) -> Value:
        self.needs("[")
        parts: list[Value] = []
        while not self.takes("]"):
            if parts:
                self.needs(",")
            parts.append(self.value())
        return lambda running: [part(running) for part in parts]

    def object(self) -> Value:
        self.needs("{")
        parts: dict[str, Value] = {}
        while not self.takes("}"):
            if parts:
                self.needs(",")
            self.skip()
            name = self.string() if self.code.startswith('"', self.place) else self.name()
            self.needs(":")
            parts[name] = self.value()
        return lambda running: {name: part(running) for name, part in parts.items()}

    def word(self) -> Value:
        name = self.name()
        if name == "API":
            return self.api()
        if name == "Args":
            self.needs(".")
            argument = self.name()
            return lambda running: running.arguments.get(argument)
        if name in WORDS:
            return _constant(WORDS[name])
        if name in self.known:
            return lambda running: running.variables[name]
        raise self.bad(f"unknown name {name}")

    def api(self) -> Value:
        self.needs(".")
        section = self.name()
        self.needs(".")
        method = f"{section}.{self.name()}"
        self.needs("(")
        self.skip()
        parameters: Value = _constant({})
        if not self.takes(")"):
            if not self.code.startswith("{", self.place):
                raise self.bad("an object with parameters expected")
            parameters = self.value()
            self.needs(")")
        return lambda running: running.call(method, parameters(running))

    def string(self) -> str:
        found = STRING.match(self.code, self.place)
        try:
            text: str = json.loads(found[0] if found else "")
        except ValueError as error:
            raise self.bad("bad string") from error
        self.place += len(found[0]) if found else 0
        return text

    def name(self) -> str:
        self.skip()
        found = NAME.match(self.code, self.place)
        if not found:
            raise self.bad("name expected")
        self.place = found.end()
        return found[0]

    def takes_word(self, word: str) -> bool:
        self.skip()
        found = NAME.match(self.code, self.place)
        if found and found[0] == word:
            self.place = found.end()
            return True
        return False

    def takes(self, sign: str) -> bool:
        self.skip()
        if self.code.startswith(sign, self.place):
            self.place += len(sign)
            return True
        return False

    def needs(self, sign: str) -> None:
        if not self.takes(sign):
            raise self.bad(f"{sign} expected")

    def skip(self) -> None:
        blank = BLANK.match(self.code, self.place)
        self.place = blank.end() if blank else self.place

    def bad(self, about: str) -> BadScript:
        return BadScript(about, self.place)


def _constant(value: Any) -> Value:
    return lambda running: value
