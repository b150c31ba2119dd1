"""The project names no package registry and no image registry: those are the user's choice."""

from tests.house.sources import every_file, place

# Written in pieces, so that this file passes its own check.
HOSTS = tuple(
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("npmmirror", "com"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
    ]
)
BINARY = {
    ".png",
    ".jpg",
    ".jpeg",
    ".webp",
    ".gif",
    ".ico",
    ".woff2",
    ".gguf",
    ".onnx",
    ".safetensors",
    ".bin",
    ".mo",
}


def test_no_file_names_a_registry_host() -> None:
    found = []
    for path in every_file():
        if path.suffix in BINARY:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            found += [f"{place(path, number)}: {host}" for host in HOSTS if host in line]
    assert not found, "\n".join(found)
