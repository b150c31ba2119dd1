// While a wire is being drawn: which ports would take it, and why the others would not.
import { create } from 'zustand';

import { mayConnect, type Verdict } from '../document/connect';
import type { End, Graph } from '../document/graph';
import { boundType, portsOf, type Side } from '../document/ports';
import type { Catalog } from '../document/spec';

export interface Drag {
  readonly from: End;
  /** The side that `from` is on. */
  readonly side: Side;
  /** What the wire carries, as far as its end knows. */
  readonly type: string;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

export const useConnecting = create<{ readonly drag: Drag | null }>()(() => ({ drag: null }));

export function beginDrag(graph: Graph, catalog: Catalog, from: End, side: Side): void {
  useConnecting.setState({
    drag: {
      from,
      side,
      type: boundType(graph, catalog, from, side),
      verdicts: verdictsFor(graph, catalog, from, side),
    },
  });
}

export function endDrag(): void {
  useConnecting.setState({ drag: null });
}

export function portKey(side: Side, { node, port }: End): string {
  return `${side} ${node} ${port}`;
}

/** A verdict for every port on the other side. */
export function verdictsFor(
  graph: Graph,
  catalog: Catalog,
  from: End,
  side: Side,
): ReadonlyMap<string, Verdict> {
  const other: Side = side === 'outputs' ? 'inputs' : 'outputs';
  const verdicts = new Map<string, Verdict>();
  for (const node of graph.nodes) {
    for (const port of portsOf(node, catalog.specs.get(node.type))[other]) {
      const end = { node: node.id, port: port.name };
      const verdict =
        side === 'outputs' ? mayConnect(graph, catalog, from, end) : mayConnect(graph, catalog, end, from);
      verdicts.set(portKey(other, end), verdict);
    }
  }
  return verdicts;
}

/** How a port looks while a wire is in the air: as always, inviting, or stepping back. */
export function usePortMood(side: Side, end: End): 'idle' | 'fits' | 'unfit' | 'from' {
  return useConnecting(({ drag }) => {
    if (!drag) return 'idle';
    if (drag.side === side)
      return drag.from.node === end.node && drag.from.port === end.port ? 'from' : 'unfit';
    return drag.verdicts.get(portKey(side, end))?.ok ? 'fits' : 'unfit';
  });
}
