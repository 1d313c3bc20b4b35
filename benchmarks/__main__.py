"""`python -m benchmarks`: starts its own database, workspace and web server, measures, and prints JSON and a table."""

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

import psutil

from benchmarks.browser import measure_browser
from benchmarks.formulas import measure_formulas
from benchmarks.generate import FULL, MILLION, QUICK, Sizes
from benchmarks.imports import LINES, measure_import
from benchmarks.measure import AMOUNTS, Bench, Result, proportional_mb
from benchmarks.plans import explain_lists
from benchmarks.report import formula_line, table
from benchmarks.rules import measure_rules
from benchmarks.samples import Samples, draw
from benchmarks.scene import ADMIN, Scene, opened
from benchmarks.whole import measure_start
from crm_app.services.api_keys import key_actor

_QUICK_SHARE = 0.25
_OTHERS = ("import", "browser", "plans", "formulas", "rules", "start")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20,000 deals and fewer repetitions")
    parser.add_argument("--million", action="store_true", help="1,000,000 deals instead of 300,000")
    parser.add_argument("--data", type=Path, help="keep the generated workspace here and use it again")
    parser.add_argument("--only", default="", help=f"some of {','.join([*AMOUNTS, *_OTHERS])}")
    parser.add_argument("--api-alone", action="store_true", help="serve the API without the pages")
    parser.add_argument("--json", type=Path, help="write the JSON to this file instead of printing it")
    return parser.parse_args()


def _sizes(arguments: argparse.Namespace) -> Sizes:
    if arguments.quick:
        return QUICK
    return MILLION if arguments.million else FULL


def main() -> None:
    arguments = _arguments()
    only: str = arguments.only
    chosen = {name for name in only.split(",") if name} or {*AMOUNTS, *_OTHERS}
    sizes = _sizes(arguments)
    rules = measure_rules() if "rules" in chosen else None
    with opened(sizes, arguments.data, is_api_alone=arguments.api_alone) as scene:
        samples = draw(scene.url, ADMIN)
        figures = _machine(sizes, scene) | ({"rules": rules} if rules else {})
        results = _operations(scene, samples, chosen, share=_QUICK_SHARE if arguments.quick else 1.0)
        figures["operations"] = [result.as_json() for result in results]
        figures["memory_after_load_mb"] = _memory(scene)
        if "plans" in chosen:
            plans = explain_lists(scene.url, samples, scene.actor(), key_actor(scene.rep_key))
            figures["plans"] = [plan.as_json() for plan in plans]
        compared = measure_formulas(scene.url, scene.actor()) if "formulas" in chosen else []
        figures["formulas"] = [each.as_json() for each in compared]
        imported: dict[str, Any] = {}
        if "import" in chosen:
            imported = figures["import"] = measure_import(scene, samples, LINES // 5 if arguments.quick else LINES)
        if "browser" in chosen and not arguments.api_alone:
            figures["browser"] = measure_browser(scene)
        figures["memory_at_the_end_mb"] = _memory(scene)
    if "start" in chosen and not arguments.api_alone:
        figures["start"] = measure_start()
    print(table(results, imported), *map(formula_line, compared), sep="\n", file=sys.stderr)
    text = json.dumps(figures, indent=1)
    if arguments.json:
        arguments.json.write_text(text + "\n")
    else:
        print(text)


def _operations(scene: Scene, samples: Samples, chosen: set[str], *, share: float) -> list[Result]:
    bench = Bench(scene, samples, share=share)
    results: list[Result] = []
    try:
        for operation in AMOUNTS:
            if operation in chosen:
                results.append(bench.run(operation))
                print(f"  {operation}: {results[-1].per_second:.1f}/s", file=sys.stderr)
    finally:
        bench.close()
    return results


def _machine(sizes: Sizes, scene: Scene) -> dict[str, Any]:
    return {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "load_before": os.getloadavg()[0]},
        "records": vars(sizes),
        "seconds_to_start": scene.seconds_to_start,
        "memory_idle_mb": _memory(scene),
    }


def _memory(scene: Scene) -> dict[str, float]:
    return {
        "web": proportional_mb(psutil.Process(scene.web.pid)),
        "postgres": proportional_mb(psutil.Process(scene.postgres.pid)),
    }


if __name__ == "__main__":
    main()
