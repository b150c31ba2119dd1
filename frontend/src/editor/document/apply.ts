// `apply(doc, command)`: the only way a document changes; pure, and its inverse comes with it.

import { batch, type Command, CommandError } from './command';
import { type Graph, type GraphNode } from './graph';
import { edgesOf } from './lookup';

export interface Applied {
  readonly doc: Graph;
  readonly inverse: Command;
}

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>;

export function apply(doc: Graph, command: Command): Applied {
  switch (command.kind) {
    case 'addNode':
      return addNode(doc, command);
    case 'removeNode':
      return removeNode(doc, command);
    case 'addEdge':
      return addEdge(doc, command);
    case 'removeEdge':
      return removeEdge(doc, command);
    case 'moveNodes':
      return moveNodes(doc, command);
    case 'setParam':
      return setParam(doc, command);
    case 'renameNode':
      return renameNode(doc, command);
    case 'setOnError':
      return setOnError(doc, command);
    case 'setRetry':
      return setRetry(doc, command);
    case 'batch':
      return applyAll(doc, command.commands);
  }
}

function applyAll(doc: Graph, commands: readonly Command[]): Applied {
  const inverses: Command[] = [];
  let current = doc;
  for (const command of commands) {
    const applied = apply(current, command);
    current = applied.doc;
    inverses.unshift(applied.inverse);
  }
  return { doc: current, inverse: batch(inverses) };
}

function addNode(doc: Graph, { node, index }: Of<'addNode'>): Applied {
  if (doc.nodes.some((other) => other.id === node.id))
    throw new CommandError(`node ${node.id} is already there`);
  return {
    doc: written({ ...doc, nodes: inserted(doc.nodes, node, index) }),
    inverse: { kind: 'removeNode', id: node.id },
  };
}

function removeNode(doc: Graph, { id }: Of<'removeNode'>): Applied {
  const attached = edgesOf(doc, id);
  const [index, node] = find(doc.nodes, id);
  // Re-adding in ascending order puts every edge back at its own place.
  const edges = attached.map((edge): Command => ({ kind: 'addEdge', edge, index: doc.edges.indexOf(edge) }));
  return {
    doc: {
      ...doc,
      nodes: doc.nodes.filter((other) => other.id !== id),
      edges: doc.edges.filter((edge) => !attached.includes(edge)),
    },
    inverse: batch([{ kind: 'addNode', node, index }, ...edges]),
  };
}

function addEdge(doc: Graph, { edge, index }: Of<'addEdge'>): Applied {
  if (doc.edges.some((other) => other.id === edge.id))
    throw new CommandError(`edge ${edge.id} is already there`);
  find(doc.nodes, edge.source.node);
  find(doc.nodes, edge.target.node);
  return {
    doc: { ...doc, edges: inserted(doc.edges, edge, index) },
    inverse: { kind: 'removeEdge', id: edge.id },
  };
}

function removeEdge(doc: Graph, { id }: Of<'removeEdge'>): Applied {
  const [index, edge] = find(doc.edges, id);
  return {
    doc: { ...doc, edges: doc.edges.filter((other) => other !== edge) },
    inverse: { kind: 'addEdge', edge, index },
  };
}

function moveNodes(doc: Graph, { positions }: Of<'moveNodes'>): Applied {
  const before: Record<string, { x: number; y: number } | null> = {};
  for (const id of Object.keys(positions)) before[id] = find(doc.nodes, id)[1].position ?? null;
  const nodes = doc.nodes.map((node) => {
    const position = positions[node.id];
    if (position === undefined) return node;
    return position === null ? without(node, 'position') : { ...node, position };
  });
  return { doc: { ...doc, nodes }, inverse: { kind: 'moveNodes', positions: before } };
}

function setParam(doc: Graph, { node: id, param, value }: Of<'setParam'>): Applied {
  const [, node] = find(doc.nodes, id);
  const old = Object.hasOwn(node.params, param) ? node.params[param] : undefined;
  const params = value === undefined ? without(node.params, param) : { ...node.params, [param]: value };
  const back: Command = { kind: 'setParam', node: id, param };
  return {
    doc: withNode(doc, { ...node, params }),
    inverse: old === undefined ? back : { ...back, value: old },
  };
}

function setOnError(doc: Graph, { node: id, value }: Of<'setOnError'>): Applied {
  const [, node] = find(doc.nodes, id);
  const back: Command = { kind: 'setOnError', node: id };
  return {
    doc: withNode(doc, value === undefined ? without(node, 'on_error') : { ...node, on_error: value }),
    inverse: node.on_error === undefined ? back : { ...back, value: node.on_error },
  };
}

function setRetry(doc: Graph, { node: id, value }: Of<'setRetry'>): Applied {
  const [, node] = find(doc.nodes, id);
  const back: Command = { kind: 'setRetry', node: id };
  return {
    doc: withNode(doc, value === undefined ? without(node, 'retry') : { ...node, retry: value }),
    inverse: node.retry === undefined ? back : { ...back, value: node.retry },
  };
}

function renameNode(doc: Graph, { node: id, title }: Of<'renameNode'>): Applied {
  const [, node] = find(doc.nodes, id);
  const back: Command = { kind: 'renameNode', node: id };
  return {
    doc: withNode(doc, title === undefined ? without(node, 'title') : { ...node, title }),
    inverse: node.title === undefined ? back : { ...back, title: node.title },
  };
}

function withNode(doc: Graph, node: GraphNode): Graph {
  return written({ ...doc, nodes: doc.nodes.map((other) => (other.id === node.id ? node : other)) });
}

/** In the oldest format that can say all of it, as the server writes it. */
function written(doc: Graph): Graph {
  return { ...doc, format: Math.max(1, ...doc.nodes.map(formatOf)) };
}

function formatOf(node: GraphNode): number {
  if (node.retry !== undefined) return 3;
  return node.on_error === undefined ? 1 : 2;
}

function inserted<T>(items: readonly T[], item: T, index = items.length): readonly T[] {
  return [...items.slice(0, index), item, ...items.slice(index)];
}

function find<T extends { readonly id: string }>(items: readonly T[], id: string): readonly [number, T] {
  const index = items.findIndex((item) => item.id === id);
  const item = items[index];
  if (item === undefined) throw new CommandError(`${id} is not in the document`);
  return [index, item];
}

function without<T extends object, K extends string>(record: T, key: K): Omit<T, K> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key)) as Omit<T, K>;
}
