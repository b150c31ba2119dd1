// Fetches what the drawing calls: each version once, for it never changes. Its ports then stand in the catalog.
import { useEffect } from 'react';

import { getVersion } from '../../api/workflows';
import { type Callee, calleeFrom, callOf, parseCall } from '../document/calls';
import type { Catalog, NodeSpec } from '../document/spec';
import { currentGraph, useDocument } from '../document/store';
import { useEditor } from './editor';

export function useCallees(): void {
  useEffect(() => {
    const asked = new Set<string>();
    const look = (): void => {
      const { specs } = useEditor.getState().catalog;
      for (const node of currentGraph().nodes) {
        const call = callOf(node, specs.get(node.type));
        if (call === null || asked.has(call)) continue;
        asked.add(call);
        // What cannot be read has no ports; the server says why at the node.
        void fetchCallee(call).catch(() => undefined);
      }
    };
    look();
    const leaves = [useDocument.subscribe(look), useEditor.subscribe(look)];
    return () => leaves.forEach((leave) => leave());
  }, []);
}

async function fetchCallee(call: string): Promise<void> {
  const named = parseCall(call);
  if (!named) return;
  const callee = calleeFrom(await getVersion(named.workflow, named.version));
  useEditor.setState(({ catalog }) => ({ catalog: withCallee(catalog, call, callee) }));
}

/** The catalog in which node types that call know this version too. */
export function withCallee(catalog: Catalog, call: string, callee: Callee): Catalog {
  const know = (spec: NodeSpec): NodeSpec =>
    spec.params.some(({ kind }) => kind === 'workflow')
      ? { ...spec, callees: new Map([...(spec.callees ?? []), [call, callee]]) }
      : spec;
  return { ...catalog, specs: new Map([...catalog.specs].map(([type, spec]) => [type, know(spec)])) };
}
