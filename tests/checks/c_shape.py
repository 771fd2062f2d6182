# SPDX-License-Identifier: BSD-2-Clause
"""The functions of a C file: their lines, parameters and nesting. Not a parser of all of C, only of
this project's style: a function's braces stand in the first column."""
import re

TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|[{}();,]|[^\s\w{}();,]")
CONTROL = {"if", "for", "while", "switch"}


def blank(source):
    """Comments, strings, character constants and directives out; the lines stay."""
    pattern = r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
    source = re.sub(pattern, lambda m: ("0" if m.group()[0] in "\"'" else "")
                    + "\n" * m.group().count("\n"), source, flags=re.S)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m.group().count("\n"),
                  source, flags=re.M)


class Body:
    """Recursive descent over statements; depth counts control statements around a statement."""

    def __init__(self, text):
        self.tokens = TOKEN.findall(text)
        self.at = 0
        self.deepest = 0

    def peek(self, ahead=0):
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else ""

    def skip_group(self, opening, closing):
        depth = 0
        while self.at < len(self.tokens):
            depth += (self.peek() == opening) - (self.peek() == closing)
            self.at += 1
            if depth == 0:
                return

    def statements(self, depth):
        while self.peek() not in ("}", ""):
            self.statement(depth)
        self.at += 1

    def is_loop_macro(self):
        if not re.match(r"[a-z]\w*_for_each", self.peek()):
            return False
        return self.peek(1) == "("

    def statement(self, depth):
        word = self.peek()
        if word == "{":
            self.at += 1
            self.statements(depth)
        elif word in CONTROL or self.is_loop_macro():
            self.control(depth)
        elif word == "do":
            self.at += 1
            self.inner(depth)
            self.at += 1
            self.skip_group("(", ")")
            self.at += 1
        elif word in ("case", "default") or self.peek(1) == ":" and self.peek(2) != ":":
            while self.peek() not in (":", ""):
                self.at += 1
            self.at += 1
        else:
            self.simple()

    def inner(self, depth):
        self.deepest = max(self.deepest, depth + 1)
        self.statement(depth + 1)

    def control(self, depth):
        is_if = self.peek() == "if"
        self.at += 1
        self.skip_group("(", ")")
        self.inner(depth)
        if is_if and self.peek() == "else":
            self.at += 1
            if self.peek() == "if":
                self.control(depth)
            else:
                self.inner(depth)

    def simple(self):
        while self.at < len(self.tokens):
            if self.peek() == "{":
                self.skip_group("{", "}")
            elif self.peek() == "(":
                self.skip_group("(", ")")
            elif self.peek() == "}":
                return
            else:
                self.at += 1
                if self.tokens[self.at - 1] == ";":
                    return


def parameters(signature):
    start = signature.find("(", signature.find(re.findall(r"(\w+)\s*\(", signature)[0]))
    depth, count = 0, 1
    for place in range(start, len(signature)):
        char = signature[place]
        depth += (char == "(") - (char == ")")
        count += char == "," and depth == 1
        if depth == 0:
            inside = signature[start + 1:place].strip()
            return 0 if inside in ("", "void") else count
    return count


def functions(source):
    """(name, line, lines, parameters, nesting) of each function with its brace in column 0."""
    lines = blank(source).splitlines()
    found = []
    for number, line in enumerate(lines):
        if line.rstrip() != "{":
            continue
        first = number
        while first > 0 and lines[first - 1].strip() and lines[first - 1][:1] not in "};":
            first -= 1
        last = next((n for n in range(number, len(lines)) if lines[n].startswith("}")), number)
        signature = " ".join(lines[first:number])
        names = [n for n in re.findall(r"(\w+)\s*\(", signature) if n != "__attribute__"]
        if not names:
            continue
        body = Body("\n".join(lines[number + 1:last + 1]))
        body.statements(0)
        found.append((names[0], first + 1, last - first + 1, parameters(signature), body.deepest))
    return found
