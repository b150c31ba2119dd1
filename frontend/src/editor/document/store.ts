// The one document store: the graph with its history, and what is selected. Nothing else may change a document.

import { create } from 'zustand';

import type { Command } from './command';
import { EMPTY_GRAPH, type Graph } from './graph';
import * as history from './history';

export interface Selection {
  readonly nodes: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
}

const NOTHING: Selection = { nodes: new Set(), edges: new Set() };

interface DocumentState {
  readonly history: history.History;
  readonly selection: Selection;
  /** Only to be looked at: no command changes it. */
  readonly locked: boolean;
  readonly load: (graph: Graph, locked?: boolean) => void;
  readonly dispatch: (command: Command, merge?: string) => void;
  readonly seal: () => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly select: (nodes: Iterable<string>, edges?: Iterable<string>) => void;
}

export const useDocument = create<DocumentState>()((set) => {
  const change = (step: (before: history.History) => history.History): void =>
    set((state) => {
      if (state.locked) return state;
      const next = step(state.history);
      return { history: next, selection: present(state.selection, next.doc) };
    });
  return {
    history: history.begin(EMPTY_GRAPH),
    selection: NOTHING,
    locked: false,
    load: (graph, locked = false) => set({ history: history.begin(graph), selection: NOTHING, locked }),
    dispatch: (command, merge) => change((before) => history.record(before, command, merge ?? null)),
    seal: () => change(history.seal),
    undo: () => change(history.undo),
    redo: () => change(history.redo),
    select: (nodes, edges = []) => set({ selection: { nodes: new Set(nodes), edges: new Set(edges) } }),
  };
});

export function currentGraph(): Graph {
  return useDocument.getState().history.doc;
}

export function useLocked(): boolean {
  return useDocument((state) => state.locked);
}

/** A selection keeps only what is still there; the same object when nothing left. */
function present(selection: Selection, doc: Graph): Selection {
  const nodes = new Set(doc.nodes.map((node) => node.id));
  const edges = new Set(doc.edges.map((edge) => edge.id));
  const kept = {
    nodes: new Set([...selection.nodes].filter((id) => nodes.has(id))),
    edges: new Set([...selection.edges].filter((id) => edges.has(id))),
  };
  return kept.nodes.size === selection.nodes.size && kept.edges.size === selection.edges.size
    ? selection
    : kept;
}
