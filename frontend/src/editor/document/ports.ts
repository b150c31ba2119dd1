// A node's ports: those of its spec, and those that grow from a param (placeholders, lines).

import type { End, Graph, GraphNode, Json } from './graph';
import { calledPorts } from './calls';
import type { Dynamic, InputPort, OutputPort } from '../../api/types';
import { findNode, wiresFrom, wiresInto } from './lookup';
import { type Catalog, type NodeSpec, type Words, paramOf } from './spec';

export type Side = 'inputs' | 'outputs';

export interface Port {
  readonly name: string;
  readonly type: string;
  readonly title: Words;
  readonly required: boolean;
  /** An edge still hangs here, but the port is gone: drawn dashed, so that no wire is lost in silence. */
  readonly gone?: boolean;
}

export interface Ports {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** The way that is gone when the node fails, where one is drawn. */
const ERROR: Port = {
  name: 'error',
  type: 'text',
  title: { en: 'If it fails', zh: '失败时' },
  required: false,
};
const PLACEHOLDER = /\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,31})\s*\}\}/g;

/** Each distinct `{{name}}`, in order of first use. */
export function placeholders(template: string): readonly string[] {
  return [...new Set(Array.from(template.matchAll(PLACEHOLDER), (match) => match[1] ?? ''))];
}

export function dynamicPorts(
  rule: Dynamic['rule'],
  value: Json | undefined,
): readonly Pick<Port, 'name' | 'title'>[] {
  if (rule === 'placeholders') {
    return typeof value === 'string' ? placeholders(value).map((name) => ({ name, title: same(name) })) : [];
  }
  const lines = Array.isArray(value) ? value : [];
  return lines.map((line, index) => {
    return { name: `case_${index + 1}`, title: same(typeof line === 'string' ? line : JSON.stringify(line)) };
  });
}

const NO_PORTS: Ports = { inputs: [], outputs: [] };
const known = new WeakMap<GraphNode, { readonly spec: NodeSpec; readonly ports: Ports }>();

export function portsOf(node: GraphNode, spec: NodeSpec | undefined): Ports {
  if (!spec) return NO_PORTS;
  const before = known.get(node);
  if (before?.spec === spec) return before.ports;
  const ports = { inputs: sideOf(node, spec, 'inputs'), outputs: sideOf(node, spec, 'outputs') };
  known.set(node, { spec, ports });
  return ports;
}

function sideOf(node: GraphNode, spec: NodeSpec, side: Side): readonly Port[] {
  const fixed = [...spec[side].map(toPort), ...calledPorts(node, spec, side)];
  const { dynamic } = spec;
  const grown = dynamic?.side === side ? dynamicPorts(dynamic.rule, paramOf(node, spec, dynamic.param)) : [];
  const last = side === 'outputs' && node.on_error?.do === 'branch' ? [ERROR] : [];
  const type = dynamic?.type ?? 'any';
  return [...fixed, ...grown.map((port) => ({ ...port, type, required: true })), ...last];
}

function toPort(port: InputPort | OutputPort): Port {
  return {
    name: port.name,
    type: port.type,
    title: port.title,
    required: 'required' in port && port.required,
  };
}

function same(text: string): Words {
  return { en: text, zh: text };
}

/** The ports to draw: the node's own, then the ones that only a wire still remembers. */
export function drawnPorts(graph: Graph, node: GraphNode, spec: NodeSpec | undefined): Ports {
  const own = portsOf(node, spec);
  const inputs = wiresInto(graph, node.id).map((edge) => edge.target.port);
  const outputs = wiresFrom(graph, node.id).map((edge) => edge.source.port);
  return { inputs: withGone(own.inputs, inputs), outputs: withGone(own.outputs, outputs) };
}

function withGone(own: readonly Port[], used: readonly string[]): readonly Port[] {
  const known = new Set(own.map((port) => port.name));
  const gone = [...new Set(used)].filter((name) => !known.has(name));
  if (gone.length === 0) return own;
  return [
    ...own,
    ...gone.map((name) => ({ name, type: 'any', title: same(name), required: false, gone: true })),
  ];
}

export function isMany(type: string): boolean {
  return type.startsWith('list[');
}

export function itemOf(type: string): string {
  return isMany(type) ? type.slice(5, -1) : type;
}

/** A port's type with `any` bound to what the node's other `any` ports carry; `any` when nothing says. */
export function boundType(graph: Graph, catalog: Catalog, end: End, side: Side): string {
  const node = findNode(graph, end.node);
  const type =
    node && portsOf(node, catalog.specs.get(node.type))[side].find((port) => port.name === end.port)?.type;
  if (!node || !type) return 'any';
  if (itemOf(type) !== 'any') return type;
  const bound = anyOf(graph, catalog, node, new Set());
  return isMany(type) ? `list[${itemOf(bound)}]` : bound;
}

/** What a node's `any` stands for: the type of the first concrete value that reaches it, else of what it feeds. */
function anyOf(graph: Graph, catalog: Catalog, node: GraphNode, seen: Set<string>): string {
  if (seen.has(node.id)) return 'any';
  seen.add(node.id);
  const ports = portsOf(node, catalog.specs.get(node.type));
  const isAny = (list: readonly Port[], name: string): boolean =>
    list.some((port) => port.name === name && itemOf(port.type) === 'any');
  const neighbours = [
    ...wiresInto(graph, node.id)
      .filter((edge) => isAny(ports.inputs, edge.target.port))
      .map((edge) => ({ end: edge.source, side: 'outputs' as const })),
    ...wiresFrom(graph, node.id)
      .filter((edge) => isAny(ports.outputs, edge.source.port))
      .map((edge) => ({ end: edge.target, side: 'inputs' as const })),
  ];
  for (const { end, side } of neighbours) {
    const other = findNode(graph, end.node);
    const type =
      other &&
      portsOf(other, catalog.specs.get(other.type))[side].find((port) => port.name === end.port)?.type;
    if (!other || !type) continue;
    const concrete = itemOf(type) === 'any' ? anyOf(graph, catalog, other, seen) : type;
    if (concrete !== 'any') return concrete;
  }
  return 'any';
}
