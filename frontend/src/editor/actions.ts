// What a person can do, as functions over the stores: called by keys, menus and buttons alike.
import { notifications } from '@mantine/notifications';

import { currentI18n } from '../i18n';
import { connect, insertPiece, newNode, type Piece, piece, removeAll, setParam } from './document/build';
import { batch, type Command } from './document/command';
import { fromText, toText } from './document/clipboard';
import { type End, type GraphNode, type Json, MAX_NODES, ORIGIN, type Point } from './document/graph';
import { findNode } from './document/lookup';
import { arrangeInWorker } from './document/arrange';
import type { OnError } from './document/onError';
import type { Retry } from './document/retry';
import type { NodeSpec } from './document/spec';
import { currentGraph, useDocument } from './document/store';
import { CARD_WIDTH, guessedHeight } from './canvas/shape';
import { useFlow } from './canvas/flowStore';
import { currentCatalog } from './state/editor';

/** Room that a card needs in height, and how far a single one steps aside. */
const CARD_ROOM = 150;
const ASIDE = 32;

function dispatch(command: Command, merge?: string): void {
  useDocument.getState().dispatch(command, merge);
}

function roomFor(count: number): boolean {
  if (currentGraph().nodes.length + count <= MAX_NODES) return true;
  notifications.show({
    message: currentI18n().t('editor.too_many_nodes', { most: MAX_NODES }),
    color: 'bad',
  });
  return false;
}

/** Adds a node with its middle at `at`, and selects it; gives its id. */
export function addNode(spec: NodeSpec, at: Point): string | null {
  return place(spec, cornerFor(at));
}

/** As `addNode`, at the nearest free place below: nobody has pointed at a place. */
export function addNodeNear(spec: NodeSpec, at: Point): string | null {
  return place(spec, freePlace(cornerFor(at)));
}

function cornerFor(middle: Point): Point {
  return { x: middle.x - CARD_WIDTH / 2, y: middle.y - 46 };
}

function place(spec: NodeSpec, at: Point): string | null {
  if (!roomFor(1)) return null;
  const node = newNode(currentGraph(), spec, at);
  dispatch({ kind: 'addNode', node });
  useDocument.getState().select([node.id]);
  return node.id;
}

/** Adds a node and wires it to `from` in one step: what a wire dropped on the empty canvas asks for. */
export function addConnected(
  spec: NodeSpec,
  at: Point,
  from: End,
  side: 'inputs' | 'outputs',
  port: string,
): void {
  if (!roomFor(1)) return;
  const graph = currentGraph();
  const x = side === 'outputs' ? at.x : at.x - CARD_WIDTH;
  const node = newNode(graph, spec, { x, y: at.y - 56 });
  const grown = { ...graph, nodes: [...graph.nodes, node] };
  const end = { node: node.id, port };
  const wire =
    side === 'outputs'
      ? connect(grown, currentCatalog(), from, end)
      : connect(grown, currentCatalog(), end, from);
  dispatch(batch([{ kind: 'addNode', node }, ...(wire ? [wire] : [])]));
  useDocument.getState().select([node.id]);
}

export function connectPorts(source: End, target: End): void {
  const command = connect(currentGraph(), currentCatalog(), source, target);
  if (command) dispatch(command);
}

/** Takes a wire from where it was to where it was dragged, as one step. */
export function reconnect(edge: string, source: End, target: End): void {
  const graph = currentGraph();
  const without = { ...graph, edges: graph.edges.filter((other) => other.id !== edge) };
  const command = connect(without, currentCatalog(), source, target);
  if (command) dispatch(batch([{ kind: 'removeEdge', id: edge }, command]));
}

export function removeEdge(id: string): void {
  if (currentGraph().edges.some((edge) => edge.id === id)) dispatch({ kind: 'removeEdge', id });
}

export function removeSelection(): void {
  const { selection } = useDocument.getState();
  const command = removeAll(currentGraph(), selection.nodes, selection.edges);
  if (command) dispatch(command);
}

export function removeNode(id: string): void {
  dispatch({ kind: 'removeNode', id });
}

export function selectAll(): void {
  const graph = currentGraph();
  useDocument.getState().select(
    graph.nodes.map((node) => node.id),
    graph.edges.map((edge) => edge.id),
  );
}

/** The selection as clipboard text; null when nothing is selected. */
export function copiedText(): string | null {
  const { selection } = useDocument.getState();
  return selection.nodes.size === 0 ? null : toText(piece(currentGraph(), selection.nodes));
}

/** True when the text was nodes of ours. */
export function pasteText(text: string): boolean {
  const pasted = fromText(text);
  if (!pasted) return false;
  if (roomFor(pasted.nodes.length)) insert(pasted);
  return true;
}

export function duplicateSelection(): void {
  const { selection } = useDocument.getState();
  if (selection.nodes.size > 0 && roomFor(selection.nodes.size))
    insert(piece(currentGraph(), selection.nodes));
}

function insert(pasted: Piece): void {
  const { command, ids } = insertPiece(currentGraph(), pasted, beside(pasted));
  dispatch(command);
  useDocument.getState().select(ids);
}

/** How far a copy steps aside: one node a little, several below themselves; further while that place is taken. */
function beside({ nodes }: Piece): Point {
  const places = nodes.map((node) => node.position ?? ORIGIN);
  const height = Math.max(...places.map(({ y }) => y)) - Math.min(...places.map(({ y }) => y));
  const stride = nodes.length > 1 ? { x: 0, y: height + CARD_ROOM } : { x: ASIDE, y: ASIDE };
  const taken = new Set(currentGraph().nodes.map(({ position = ORIGIN }) => `${position.x} ${position.y}`));
  for (let times = 1; ; times += 1) {
    const offset = { x: stride.x * times, y: stride.y * times };
    const clash = places.some(({ x, y }) =>
      taken.has(`${Math.round(x + offset.x)} ${Math.round(y + offset.y)}`),
    );
    if (!clash) return offset;
  }
}

/** The place itself, or the first below it where no card lies. */
function freePlace(at: Point): Point {
  const cards = useFlow.getState().nodes;
  let { y } = at;
  const covered = (): boolean =>
    cards.some(
      ({ position, measured }) =>
        Math.abs(position.x - at.x) < CARD_WIDTH + ASIDE / 2 &&
        y < position.y + (measured?.height ?? CARD_ROOM) + ASIDE / 2 &&
        position.y < y + CARD_ROOM,
    );
  while (covered()) y += ASIDE;
  return { x: at.x, y };
}

export function rename(node: GraphNode, title: string): void {
  const trimmed = title.slice(0, 120);
  const merge = `title ${node.id}`;
  if (trimmed === '') dispatch({ kind: 'renameNode', node: node.id }, merge);
  else dispatch({ kind: 'renameNode', node: node.id, title: trimmed }, merge);
}

export function changeParam(id: string, param: string, value: Json): void {
  const graph = currentGraph();
  const node = findNode(graph, id);
  if (!node) return;
  const spec = currentCatalog().specs.get(node.type);
  dispatch(setParam(graph, spec, node, param, value), `param ${id} ${param}`);
}

/** Without a value the run fails with the node. */
export function changeOnError(node: string, value?: OnError): void {
  const command: Command = { kind: 'setOnError', node };
  dispatch(value === undefined ? command : { ...command, value }, `on_error ${node}`);
}

/** Without a value the node is tried once. */
export function changeRetry(node: string, value?: Retry): void {
  const command: Command = { kind: 'setRetry', node };
  dispatch(value === undefined ? command : { ...command, value }, `retry ${node}`);
}

export function endEdit(): void {
  useDocument.getState().seal();
}

/** Arranges the whole drawing, or the selected part of it around where it stands. */
export async function arrangeNodes(): Promise<void> {
  const graph = currentGraph();
  const { selection } = useDocument.getState();
  const ids = selection.nodes.size > 1 ? selection.nodes : new Set(graph.nodes.map((node) => node.id));
  const cards = useFlow.getState().nodes.filter((card) => ids.has(card.id));
  if (cards.length === 0) return;
  const placed = await arrangeInWorker({
    nodes: cards.map((card) => ({
      id: card.id,
      width: card.measured?.width ?? CARD_WIDTH,
      height: Math.max(card.measured?.height ?? 0, guessedHeight(card.data.shape)),
    })),
    edges: piece(graph, ids).edges.map((edge) => ({ source: edge.source.node, target: edge.target.node })),
  });
  const origin = corner(cards.map((card) => card.position));
  const found = corner(Object.values(placed));
  const still = new Set(currentGraph().nodes.map((node) => node.id));
  const positions = Object.fromEntries(
    Object.entries(placed)
      .filter(([id]) => still.has(id))
      .map(([id, point]) => [
        id,
        { x: point.x - found.x + Math.round(origin.x), y: point.y - found.y + Math.round(origin.y) },
      ]),
  );
  dispatch({ kind: 'moveNodes', positions });
}

function corner(points: readonly Point[]): Point {
  return { x: Math.min(...points.map((point) => point.x)), y: Math.min(...points.map((point) => point.y)) };
}

/** Puts the selected nodes on one line: their tops, or their left sides. */
export function align(by: 'top' | 'left'): void {
  const { selection } = useDocument.getState();
  const cards = useFlow.getState().nodes.filter((card) => selection.nodes.has(card.id));
  if (cards.length < 2) return;
  const edge = corner(cards.map((card) => card.position));
  const positions = Object.fromEntries(
    cards.map(({ id, position }) => [
      id,
      by === 'top' ? { x: position.x, y: edge.y } : { x: edge.x, y: position.y },
    ]),
  );
  dispatch({ kind: 'moveNodes', positions });
}
