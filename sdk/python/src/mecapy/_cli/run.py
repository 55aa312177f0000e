"""`mecapy run`: runs a file or a task, for one set of inputs or for many.

The name of the calculation comes first, because its inputs become options: `mecapy run calc.py --force 1000`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .._batch import map_blocking
from .._client import MecaPy
from .._local import run_local
from .._task import Task
from . import cases, parameters
from .push import push
from .show import Watcher, print_result
from .usage import UsageError, add_common, find_task, print_json, read_text
from .values import named_value

_FAILED = 1
_HELP = ("-h", "--help")


def command(arguments: Sequence[str]) -> int:
    """Run what the arguments say."""
    if not arguments or arguments[0] in _HELP:
        _parser(None).print_help()
        return 0 if arguments else 2
    target, *rest = arguments
    if target.startswith("-"):
        raise UsageError("Name the calculation first, then its inputs: mecapy run calc.py --force 1000")
    file = Path(target) if target.endswith(".py") or Path(target).is_file() else None
    own, _ = _split(rest, None)
    parser = _parser(None)
    options = parser.parse_args([item for item in own if item not in _HELP])
    if file is not None:
        code = read_text(file)
        if any(item in _HELP for item in own):
            _parser(parameters.read(code, target), target).print_help()
            return 0
        if options.local:
            return _run_here(code, target, rest, options)
    elif options.local:
        raise UsageError(f"--local runs a file, and there is no file {target}.")
    with MecaPy(url=options.url) as client:
        if file is None:
            task = find_task(client, target)
        else:
            parameters.read(code, target)
            task = push(client, file, code)
        if any(item in _HELP for item in own):
            _parser(parameters.read(task.code or "", target), target).print_help()
            return 0
        return _run_there(client, task, target, rest, options)


def _run_there(
    client: MecaPy, task: Task, target: str, rest: Sequence[str], options: argparse.Namespace
) -> int:
    signature = parameters.read(task.code or "", target)
    given = _given(rest, signature, options)
    saved = dict(task.inputs or {})
    if cases.is_many(options.inputs):
        return _run_many(client, task, cases.read(options.inputs, signature, saved | given), options)
    if options.inputs is not None:
        given = cases.one(options.inputs) | given
    run = task.execute_async(saved | given if given else None)
    with Watcher(sys.stderr) as watcher:
        for event in run.stream():
            watcher.take(event)
    run.refresh()
    if options.json or options.output is not None:
        encoded = None
        if run.status == "completed":
            encoded = client._driver.run(client._driver.calls.plain().encoded_result(run.id))
        if options.json:
            document = {"run_id": run.id, "task_id": task.id, "status": run.status, "result": encoded}
            print_json({**document, "error": run.error} if run.error else document)
        if options.output is not None and run.status == "completed":
            as_csv = options.output.suffix.lower() == ".csv"
            content = (
                client._driver.run(client._driver.calls.result_csv(run.id))
                if as_csv
                else (json.dumps(encoded, ensure_ascii=False, indent=2) + "\n").encode()
            )
            options.output.write_bytes(content)
        if options.json:
            return 0 if run.status == "completed" else _FAILED
    result = run.result
    if options.output is None:
        print_result(result)
    print(f"Run {run.id}: {client.url}/tasks/{task.id}?run={run.id}", file=sys.stderr)
    return 0


def _run_many(client: MecaPy, task: Task, table: cases.Cases, options: argparse.Namespace) -> int:
    driver = client._driver
    results = map_blocking(
        client._place,
        driver.calls.plain(),
        task.id,
        table.inputs,
        concurrency=options.concurrency,
        on_error="keep",
        progress=False if options.json else None,
        decoded=False,
    )
    failed = [result for result in results if isinstance(result, Exception)]
    if options.json:
        print_json(cases.as_json(table, results))
    if options.output is not None or not options.json:
        cases.write(table, results, options.output)
    if failed:
        print(f"{len(failed)} of {len(results)} runs failed. The first: {failed[0]}", file=sys.stderr)
    return _FAILED if failed else 0


def _run_here(code: str, target: str, rest: Sequence[str], options: argparse.Namespace) -> int:
    if options.json or options.output is not None or cases.is_many(options.inputs):
        raise UsageError("--local runs one set of inputs and prints its result, without --json and -o.")
    given = _given(rest, parameters.read(code, target), options)
    if options.inputs is not None:
        given = cases.one(options.inputs) | given
    print_result(run_local(code, given))
    return 0


def _given(
    rest: Sequence[str], signature: parameters.Signature, options: argparse.Namespace
) -> dict[str, Any]:
    _, pairs = _split(rest, signature)
    for pair in options.input:
        name, separator, text = pair.partition("=")
        if not separator:
            raise UsageError(f"-i takes NAME=VALUE, not {pair!r}.")
        pairs.append((name, text))
    return dict(named_value(name, text, signature) for name, text in pairs)


def _split(
    tokens: Sequence[str], signature: parameters.Signature | None
) -> tuple[list[str], list[tuple[str, str]]]:
    """Part the command's own options from the inputs of the calculation, `--name value` or `--name=value`."""
    own: list[str] = []
    inputs: list[tuple[str, str]] = []
    waiting = list(tokens)
    while waiting:
        token = waiting.pop(0)
        name, separator, text = token.removeprefix("--").partition("=")
        takes_value = _OWN.get(token.partition("=")[0])
        if takes_value is not None or not token.startswith("--"):
            own.append(token)
            if takes_value and not separator and waiting:
                own.append(waiting.pop(0))
        elif separator:
            inputs.append((name, text))
        else:
            parameter = signature.find(name) if signature else None
            is_switch = parameter is not None and parameter.kind == "truth"
            if waiting and not waiting[0].startswith("--"):
                text = waiting.pop(0)
            elif is_switch or signature is None:
                text = "true"
            else:
                raise UsageError(f"--{name} needs a value: --{name} VALUE")
            inputs.append((name, text))
    return own, inputs


# The command's own options, and whether a value follows.
_OWN = {
    "--url": True, "--json": False, "--inputs": True, "-o": True, "--output": True, "-i": True,
    "--input": True, "--concurrency": True, "--local": False, "-h": False, "--help": False,
}  # fmt: skip


def _parser(signature: parameters.Signature | None, target: str = "calc.py") -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"mecapy run {target}",
        usage=f"mecapy run {target} [--NAME VALUE]... [options]",
        description="Runs a file or a task. A file is pushed first, as the task with its name.",
        epilog=_inputs_help(signature),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_common(parser)
    parser.add_argument(
        "--inputs", type=Path, metavar="FILE", help="a JSON object, or many cases: .csv, or a JSON list"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write the result there: .csv or .json"
    )
    parser.add_argument(
        "-i",
        "--input",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an input whose name is an option's",
    )
    parser.add_argument(
        "--concurrency", type=int, default=16, metavar="N", help="cases under way at once (16)"
    )
    parser.add_argument("--local", action="store_true", help="run the file in this Python, without a server")
    return parser


def _inputs_help(signature: parameters.Signature | None) -> str:
    if signature is None:
        return (
            "inputs:\n  One option for each input of the calculation; mecapy run calc.py --help lists them."
        )
    lines = []
    for one in signature.parameters:
        words = [", ".join(map(str, one.choices)) or one.kind or "JSON", f"[{one.unit}]" if one.unit else ""]
        words.append("required" if one.default is None else f"default {one.default}")
        lines.append(f"  --{one.name}  {'  '.join(filter(None, words))}")
    if signature.any_name:
        lines.append("  --NAME VALUE  any name: calculate takes the inputs as a dictionary")
    return "\n".join(["inputs:", *(lines or ["  none"])])
