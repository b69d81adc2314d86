# SPDX-License-Identifier: Apache-2.0
"""How long functions are: from the first line of the head to the closing brace, all lines counted."""

import ast
import re

# A comment, a string or a character: what is in them is no code. A quote between digits separates them.
NO_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"\((?:.|\n)*?\)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S
)
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", re.M)
NO_FUNCTION = re.compile(r"\b(namespace|class|struct|enum|union|extern)\b[^()]*$|=\s*$|^\s*$")


def blank(match):
    """The same lines without their text."""
    return re.sub(r"[^\n]", " ", match[0])


def of_c(text):
    """(name, first line, length) of every function in C or C++; of those within another the outer one."""
    text = DIRECTIVE.sub(blank, NO_CODE.sub(blank, text))
    found, inside, head = [], [], 0
    for at, character in enumerate(text):
        if character == "{":
            within = bool(inside) and inside[-1] is not None
            start = head + len(text[head:at]) - len(text[head:at].lstrip())
            is_function = "(" in text[head:at] and not NO_FUNCTION.search(text[head:at])
            inside.append((start, text[start:at]) if is_function or within else None)
            head = at + 1
        elif character == "}":
            begun = inside.pop() if inside else None
            if begun and not (inside and inside[-1]):
                first, last = text.count("\n", 0, begun[0]) + 1, text.count("\n", 0, at) + 1
                name = re.findall(r"[\w~:]+(?=\s*\()", begun[1])
                found.append((name[0] if name else "?", first, last - first + 1))
            head = at + 1
        elif character == ";":
            head = at + 1
    return found


def of_python(text):
    """The same of Python; a function within another is a part of it."""
    tree = ast.parse(text)
    heads = [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
    return [
        (node.name, node.lineno, node.end_lineno - node.lineno + 1)
        for head in heads
        for node in head.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
