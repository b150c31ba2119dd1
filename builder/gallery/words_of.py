"""words_of: everything that an author wrote into a template, by the place where it stands; and ids that nobody wrote."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from builder.safety.judge_words import Part
from runtime.nodes.registry import load_registry
from runtime.values import Json
from runtime.words import Words

TITLE = Words("the title", "标题")
DESCRIPTION = Words("the description", "简介")
TAGS = Words("the tags", "标签")
NODE = Words("node {number} of the drawing ({type})", "图中第 {number} 个节点（{type}）")


def words_of(
    title: dict[str, str], description: dict[str, str], tags: Sequence[str], graph: dict[str, Json]
) -> list[Part]:
    """What the gallery shows of it, and what whoever copies it reads: titles, labels and texts of the nodes as well."""
    registry = load_registry()
    found = [
        Part(TITLE, _each(title.values())),
        Part(DESCRIPTION, _each(description.values())),
        Part(TAGS, _each(tags)),
    ]
    for number, node in enumerate(graph["nodes"], start=1):
        spec = registry.spec(node["type"], node["version"])
        kind = spec.title if spec else Words("?", "?")
        place = NODE.fill(number=str(number), type=kind)
        # The names of settings are the product's own words.
        written = [node["title"], *node["params"].values(), node.get("on_error")]
        found.append(Part(place, _each(text for item in written for text in _texts(item))))
    return [part for part in found if part.text.strip()]


def with_plain_ids(graph: dict[str, Json]) -> dict[str, Json]:
    """The same drawing under ids that say its types and a number: an id may be a sentence, too."""
    names = {
        node["id"]: f"{node['type'].rpartition('.')[2]}-{number}"
        for number, node in enumerate(graph["nodes"], start=1)
    }
    nodes = [node | {"id": names[node["id"]]} for node in graph["nodes"]]
    edges = [
        edge
        | {
            "id": f"e{number}",
            "source": edge["source"] | {"node": names[edge["source"]["node"]]},
            "target": edge["target"] | {"node": names[edge["target"]["node"]]},
        }
        for number, edge in enumerate(graph["edges"], start=1)
    ]
    return graph | {"nodes": nodes, "edges": edges}


def _each(texts: Iterable[str]) -> tuple[str, ...]:
    """Each text once: one that is given for both languages need not be judged twice."""
    return tuple(dict.fromkeys(text for text in texts if text))


def _texts(item: Json) -> Iterator[str]:
    """Every text within; the id of a file is none."""
    if isinstance(item, str):
        if not _is_id(item):
            yield item
    elif isinstance(item, dict):
        for name, value in item.items():
            yield str(name)
            yield from _texts(value)
    elif isinstance(item, list):
        for value in item:
            yield from _texts(value)


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
