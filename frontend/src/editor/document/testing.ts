/** A small catalog and graphs for tests, in the shape that the server gives. */

import type { End, Graph, GraphEdge, GraphNode } from './graph';
import type { Acceptance, Catalog, NodeSpec, ParamSpec, PortSpec, Words } from './spec';

export function word(text: string): Words {
  return { en: text, zh: text };
}

export function port(name: string, type: string, required = true): PortSpec {
  return { name, type, title: word(name), required };
}

export function param(name: string, kind: ParamSpec['kind'], more: Partial<ParamSpec> = {}): ParamSpec {
  return { name, kind, title: word(name), help: null, default: null, required: false, ...more };
}

export function spec(type: string, more: Partial<NodeSpec>): NodeSpec {
  return {
    type,
    version: 1,
    title: word(type),
    summary: word(type),
    help: word(type),
    purpose: 'language',
    icon: 'box',
    inputs: [],
    outputs: [],
    params: [],
    dynamic: null,
    resource: 'inline',
    effects: 'pure',
    ...more,
  };
}

const TYPES = ['text', 'number', 'image', 'any', 'list[text]', 'list[any]'];

function accepts(source: string, target: string): Words | null {
  if (source.startsWith('list[') && !target.startsWith('list[') && target !== 'any') return word('a list');
  const [from, to] = [source, target].map((type) => type.replace(/^list\[|\]$/g, ''));
  return from === to || from === 'any' || to === 'any' || (from === 'number' && to === 'text')
    ? null
    : word(`${source} is not ${target}`);
}

const ACCEPTANCE: Acceptance = Object.fromEntries(
  TYPES.map((source) => [
    source,
    Object.fromEntries(TYPES.map((target) => [target, accepts(source, target)])),
  ]),
);

const SPECS: readonly NodeSpec[] = [
  spec('input.text', {
    purpose: 'inputs',
    outputs: [port('text', 'text')],
    params: [param('name', 'text', { default: 'text', required: true })],
  }),
  spec('input.image', {
    purpose: 'inputs',
    outputs: [port('image', 'image')],
    params: [param('name', 'text', { default: 'image', required: true })],
  }),
  spec('prompt.template', {
    outputs: [port('text', 'text')],
    params: [param('template', 'multiline', { default: '' })],
    dynamic: { side: 'inputs', param: 'template', rule: 'placeholders', type: 'text' },
  }),
  spec('text.generate', { inputs: [port('prompt', 'text')], outputs: [port('text', 'text')] }),
  spec('text.join', { inputs: [port('texts', 'list[text]')], outputs: [port('text', 'text')] }),
  spec('control.if', {
    purpose: 'control',
    inputs: [port('value', 'any')],
    outputs: [port('yes', 'any'), port('no', 'any')],
  }),
  spec('control.switch', {
    purpose: 'control',
    inputs: [port('value', 'text')],
    outputs: [port('otherwise', 'text')],
    params: [param('cases', 'lines', { default: [] })],
    dynamic: { side: 'outputs', param: 'cases', rule: 'lines', type: 'text' },
  }),
  spec('output.text', {
    purpose: 'outputs',
    inputs: [port('text', 'text')],
    params: [param('name', 'text', { default: 'text', required: true })],
  }),
];

export const CATALOG: Catalog = {
  specs: new Map(SPECS.map((item) => [item.type, item])),
  purposes: ['inputs', 'language', 'image', 'control', 'outputs'].map((id) => ({ id, title: word(id) })),
  acceptance: ACCEPTANCE,
};

export function node(id: string, type: string, params: GraphNode['params'] = {}): GraphNode {
  return { id, type, version: 1, params, position: { x: 0, y: 0 } };
}

/** `end('a.text')` is port `text` of node `a`. */
export function end(text: string): End {
  const [id = '', name = ''] = text.split('.');
  return { node: id, port: name };
}

export function edge(
  source: string,
  target: string,
  id = `${source}-${target}`.replaceAll('.', '_'),
): GraphEdge {
  return { id, source: end(source), target: end(target) };
}

export function graph(nodes: readonly GraphNode[], edges: readonly GraphEdge[] = []): Graph {
  return { format: 1, nodes, edges };
}
