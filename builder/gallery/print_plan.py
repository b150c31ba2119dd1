"""A plan's view as lines of aligned text, for a terminal."""

from collections.abc import Iterable, Iterator

from runtime.values import Json


def plan_lines(view: dict[str, Json]) -> Iterator[str]:
    policy = view["policy"]
    yield f"Policy {policy['version']} ({policy['digest'][:12]})"
    yield from _table(
        "Inputs",
        (
            (
                item["name"],
                item["type"],
                item["title"],
                "needed" if item["required"] else f"default {item['default']!r}",
            )
            for item in view["inputs"]
        ),
    )
    yield from _table(
        "Steps",
        (
            (f"{step['segment']}", step["id"], step["type"], step["title"]["en"], step["resource"])
            for step in view["steps"]
        ),
    )
    yield from _gates(view["gates"])
    yield from _table("Outputs", ((item["name"], item["type"], item["title"]) for item in view["outputs"]))


def _gates(gates: list[Json]) -> Iterator[str]:
    yield ""
    yield f"Gates ({len(gates)})"
    for gate in gates:
        yield f"  {_ports(gate['sources'])} -> {_ports(gate['targets'])}   {gate['media']}   {gate['id']}"
        for rule in gate["rules"]:
            yield f"      why: {rule['reason']['en']} (rule {rule['id']})"
        width = max(len(item["id"]) for item in gate["filters"])
        for item in gate["filters"]:
            yield f"      {item['action']:<7} {item['id']:<{width}}  {item['title']['en']}"


def _ports(ports: list[Json]) -> str:
    return ", ".join(f"{port['node']}.{port['port']}" for port in ports)


def _table(title: str, rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A heading with a count, and the rows in aligned columns."""
    found = list(rows)
    yield ""
    yield f"{title} ({len(found)})"
    widths = [max(len(row[column]) for row in found) for column in range(len(found[0]))] if found else []
    for row in found:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
