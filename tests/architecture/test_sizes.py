"""Files and functions stay small enough to be read in one go."""

import ast

from tests.architecture.project_files import PROJECT, source_files

FILE_LINES = 400
FUNCTION_LINES = 70


def test_no_source_file_is_longer_than_400_lines() -> None:
    lengths = {
        str(file): len((PROJECT / file).read_text().splitlines())
        for file in source_files(".py", ".ts", ".tsx")
    }
    assert {file: lines for file, lines in lengths.items() if lines > FILE_LINES} == {}


def test_no_function_is_longer_than_70_lines() -> None:
    lengths = {
        f"{file}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for file in source_files(".py")
        for node in ast.walk(ast.parse((PROJECT / file).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES} == {}
