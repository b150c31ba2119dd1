// The document as @xyflow/react wants it. Only what the pointer does in between (a drag, a measure) lives here.
import { applyNodeChanges, type EdgeChange, type Node, type NodeChange } from '@xyflow/react';
import { create } from 'zustand';

import { currentI18n, useLanguage } from '../../i18n';
import type { Command } from '../document/command';
import { type Graph, type GraphNode, ORIGIN, type Point, rounded } from '../document/graph';
import { type Selection, useDocument } from '../document/store';
import type { Catalog } from '../document/spec';
import { useEditor } from '../state/editor';
import { type Shape, shapeOf } from './shape';
import { titleOf } from './title';

export type CardNode = Node<{ node: GraphNode; shape: Shape }, 'card'>;

interface Flow {
  readonly nodes: readonly CardNode[];
}

export const useFlow = create<Flow>()(() => ({ nodes: [] }));

/** Keeps the cards in step with the document; returns the way to stop. */
export function followDocument(): () => void {
  const refresh = (): void => {
    const { history, selection } = useDocument.getState();
    const { catalog } = useEditor.getState();
    useFlow.setState(({ nodes }) => ({ nodes: reconcile(nodes, history.doc, selection, catalog) }));
  };
  refresh();
  const leaves = [
    useDocument.subscribe((state, before) => {
      if (state.history.doc !== before.history.doc || state.selection !== before.selection) refresh();
    }),
    useLanguage.subscribe(refresh),
    useEditor.subscribe((state, before) => {
      if (state.catalog !== before.catalog) refresh();
    }),
  ];
  return () => leaves.forEach((leave) => leave());
}

/** Cards that did not change stay the same objects, so that nothing draws them again. */
export function reconcile(
  current: readonly CardNode[],
  graph: Graph,
  selection: Selection,
  catalog: Catalog,
): readonly CardNode[] {
  const known = new Map(current.map((card) => [card.id, card]));
  return graph.nodes.map((node) => {
    const card = known.get(node.id);
    const ariaLabel = titleOf(node, catalog.specs.get(node.type), currentI18n().words);
    const selected = selection.nodes.has(node.id);
    const shape = shapeOf(graph, catalog, node);
    const sameLook = card?.data.node === node && card.data.shape.key === shape.key;
    if (card && sameLook && card.selected === selected && card.ariaLabel === ariaLabel) return card;
    const data = sameLook ? card.data : { node, shape };
    const position = card?.dragging ? card.position : (node.position ?? ORIGIN);
    return { ...card, id: node.id, type: 'card', data, selected, position, ariaLabel };
  });
}

export function onNodesChange(changes: NodeChange<CardNode>[]): void {
  const kept = changes.filter((change) => change.type === 'position' || change.type === 'dimensions');
  if (kept.length > 0) useFlow.setState(({ nodes }) => ({ nodes: applyNodeChanges(kept, [...nodes]) }));
  commitMoves(changes);
  const picked = selectChanges(changes);
  if (picked.length > 0) {
    const { selection, select } = useDocument.getState();
    select(applied(selection.nodes, picked), selection.edges);
  }
}

export function onEdgesChange(changes: EdgeChange[]): void {
  const picked = selectChanges(changes);
  if (picked.length === 0) return;
  const { selection, select } = useDocument.getState();
  select(selection.nodes, applied(selection.edges, picked));
}

interface Pick {
  readonly id: string;
  readonly selected: boolean;
}

function selectChanges(changes: readonly (NodeChange<CardNode> | EdgeChange)[]): Pick[] {
  return changes.flatMap((change) =>
    change.type === 'select' ? [{ id: change.id, selected: change.selected }] : [],
  );
}

function applied(current: ReadonlySet<string>, picks: readonly Pick[]): ReadonlySet<string> {
  const next = new Set(current);
  for (const { id, selected } of picks) {
    if (selected) next.add(id);
    else next.delete(id);
  }
  return next;
}

/** A drag that has ended, or a step by arrow key: now the document hears of it. */
function commitMoves(changes: readonly NodeChange<CardNode>[]): void {
  const { history, dispatch } = useDocument.getState();
  const positions: Record<string, Point> = {};
  for (const change of changes) {
    if (change.type !== 'position' || change.dragging || !change.position) continue;
    const before = history.doc.nodes.find((node) => node.id === change.id)?.position;
    const after = rounded(change.position);
    if (before?.x !== after.x || before.y !== after.y) positions[change.id] = after;
  }
  const ids = Object.keys(positions).sort();
  if (ids.length === 0) return;
  const command: Command = { kind: 'moveNodes', positions };
  dispatch(command, `move ${ids.join(' ')}`);
}
