"""The worker's environment: what it is told by `SLUICEWAY_*` variables, and what of it a child may know.

| variable | means | default |
| --- | --- | --- |
| SLUICEWAY_HOME | the folder of all data | `var` |
| SLUICEWAY_REDIS_URL | the Valkey or Redis that carries wake-ups, live values, trials and hints | required |
| SLUICEWAY_BROKER_URL | a RabbitMQ, or another Valkey, that carries the wake-ups instead | the same |
| SLUICEWAY_RUN_STORE | dotted path of what opens the run store | `builder.runs.store:open_store` |
| SLUICEWAY_ASSET_STORE | dotted path of what opens the asset store | `runtime.assets.disk:open_store` |
| SLUICEWAY_S3_URL and others | the bucket, where that store is `runtime.assets.s3:open_store` | `runtime/assets/s3.py` |
| SLUICEWAY_SECRET_STORE | dotted path of what opens the store of providers' keys | `builder.catalog.secrets:open_store` |
| SLUICEWAY_SECRET_FILES | where `runtime.dispatch.secrets:open_files` finds them, a file a key | `secrets/providers` in the home |
| SLUICEWAY_RESOURCES | the resource classes that this worker serves, comma separated | `cpu,gpu` |
| SLUICEWAY_PACKS, SLUICEWAY_FILTER_PACKS | dotted paths of packs, comma separated | the product's |
| SLUICEWAY_LEASE_SECONDS | how long a silent worker keeps its segment | 15 |
| SLUICEWAY_DRAIN_SECONDS | how long a worker that is asked to go may finish its segment | 6 |
| SLUICEWAY_FILTER_SECONDS | how long a filter may take for one value | 20 |
| SLUICEWAY_LOG_FORMAT | `json` for one JSON object a line in logs | `line` |
| SLUICEWAY_AT_ONCE | how many segments that can share a call of a model a worker has in hand at once; 1 for no batches | 8 with a GPU, else 4 |
| SLUICEWAY_BATCH_WINDOW_MS | how long a batch waits for one of them that is on its way | 250 |
| SLUICEWAY_PRECISION | in which picture models work: `fp32`, `bf16`, `fp16`, `int8`, `int4`, or `auto`: half on a GPU, else full | `auto` |
| SLUICEWAY_COMPILE | 1 compiles picture models (torch.compile), where there is a C++ compiler: minutes for each size, once | 0 |
| SLUICEWAY_CHILD_MEMORY_MB | memory beyond which a step is ended; 0 for no bound | nine tenths of the machine's |
"""

import os

from runtime.dispatch.store import LEASE
from runtime.engine.inspection import DEADLINE
from runtime.models.batching import WINDOW
from runtime.models.telemetry import NO_TELEMETRY
from runtime.nodes.spec import Resource

# With the time to hand back what does not end, this stays within the 8 s that a supervisor gives.
DRAIN = 6.0
CHILD_SHARE = 0.9
# An allow-list: the secret key, the database's and the broker's addresses, and whatever else an operator keeps in
# the environment stay with the agent.
CHILD_MAY_KNOW = (
    "CUDA_VISIBLE_DEVICES",
    "CXX",
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONPATH",
    "SLUICEWAY_AT_ONCE",
    "SLUICEWAY_BATCH_WINDOW_MS",
    "SLUICEWAY_CHILD_MEMORY_MB",
    "SLUICEWAY_COMPILE",
    "SLUICEWAY_ASSET_STORE",
    "SLUICEWAY_FILTER_PACKS",
    "SLUICEWAY_FILTER_SECONDS",
    "SLUICEWAY_HOME",
    "SLUICEWAY_LOG_FORMAT",
    "SLUICEWAY_MODELS",
    "SLUICEWAY_MODEL_MEMORY_MB",
    "SLUICEWAY_PACKS",
    "SLUICEWAY_PRECISION",
    "SLUICEWAY_THREADS",
    "TMPDIR",
    "VIRTUAL_ENV",
)
# Where files are in a bucket, the child reads and writes them there: it needs the key. Give workers one that may get and
# put objects under the prefix, and neither list nor delete.
FOR_S3 = "SLUICEWAY_S3_"
S3 = "runtime.assets.s3:open_store"
ON_DISK = "runtime.assets.disk:open_store"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
# A child runs what is installed; it has nothing to ask of any host, and nothing to tell.
SILENT = {**NO_TELEMETRY, "HF_HUB_OFFLINE": "1"}


def redis_url() -> str:
    return os.environ["SLUICEWAY_REDIS_URL"]


def broker_url() -> str:
    return os.environ.get("SLUICEWAY_BROKER_URL") or redis_url()


def run_store_path() -> str:
    return os.environ.get("SLUICEWAY_RUN_STORE") or "builder.runs.store:open_store"


def secret_store_path() -> str:
    return os.environ.get("SLUICEWAY_SECRET_STORE") or "builder.catalog.secrets:open_store"


def asset_store_path() -> str:
    return os.environ.get("SLUICEWAY_ASSET_STORE") or ON_DISK


def resources() -> frozenset[str]:
    """The classes to claim. What needs no resource worth a queue rides with the processor's."""
    named = {name.strip() for name in os.environ.get("SLUICEWAY_RESOURCES", "cpu,gpu").split(",")} - {""}
    known = {Resource.CPU.value, Resource.GPU.value}
    if not named or not named <= known:
        raise ValueError(f"SLUICEWAY_RESOURCES is {sorted(named)}; write any of {sorted(known)}")
    return frozenset(named | {Resource.INLINE.value}) if Resource.CPU.value in named else frozenset(named)


def lease_seconds() -> float:
    return float(os.environ.get("SLUICEWAY_LEASE_SECONDS") or LEASE)


def drain_seconds() -> float:
    return float(os.environ.get("SLUICEWAY_DRAIN_SECONDS") or DRAIN)


def filter_seconds() -> float:
    return float(os.environ.get("SLUICEWAY_FILTER_SECONDS") or DEADLINE)


def window_seconds() -> float:
    named = os.environ.get("SLUICEWAY_BATCH_WINDOW_MS") or ""
    return int(named) / 1000 if named.isdecimal() else WINDOW


def child_memory() -> int:
    """Bytes that a child may take; 0 for as many as there are."""
    named = os.environ.get("SLUICEWAY_CHILD_MEMORY_MB", "")
    if named.isdecimal():
        return int(named) * 1024 * 1024
    return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * CHILD_SHARE)


def for_child() -> dict[str, str]:
    """The whole environment of a child process."""
    known = {name: os.environ[name] for name in CHILD_MAY_KNOW if name in os.environ}
    if asset_store_path() == S3:
        known |= {name: value for name, value in os.environ.items() if name.startswith(FOR_S3)}
    return {"SLUICEWAY_HOME": "var", **known, **ONE_THREAD, **SILENT, "PYTHONUNBUFFERED": "1"}
