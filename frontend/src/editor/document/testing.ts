// A small catalog and graphs for tests, in the shape that the server gives.

import type { End, Graph, GraphEdge, GraphNode } from './graph';
import type { Gate, InputPort, PortType } from '../../api/types';
import type { Acceptance, Catalog, NodeSpec, Param, Words } from './spec';

export function word(text: string): Words {
  return { en: text, zh: text };
}

export function input(name: string, type: PortType, required = true): InputPort {
  return { name, type, title: word(name), required, sink: null };
}

export function output(name: string, type: PortType) {
  return { name, type, title: word(name), streams: false };
}

export function param(name: string, kind: Param['kind'], more: Partial<Param> = {}): Param {
  return {
    name,
    kind,
    title: word(name),
    help: null,
    default: null,
    required: false,
    minimum: null,
    maximum: null,
    step: null,
    choices: null,
    capability: null,
    max_length: 20_000,
    advanced: false,
    ...more,
  };
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
    repeat: null,
    asks: false,
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
    outputs: [output('text', 'text')],
    params: [param('name', 'text', { default: 'text', required: true })],
  }),
  spec('input.image', {
    purpose: 'inputs',
    outputs: [output('image', 'image')],
    params: [param('name', 'text', { default: 'image', required: true })],
  }),
  spec('prompt.template', {
    outputs: [output('text', 'text')],
    params: [param('template', 'multiline', { default: '' })],
    dynamic: { side: 'inputs', param: 'template', rule: 'placeholders', type: 'text' },
  }),
  spec('text.generate', { inputs: [input('prompt', 'text')], outputs: [output('text', 'text')] }),
  spec('text.join', { inputs: [input('texts', 'list[text]')], outputs: [output('text', 'text')] }),
  spec('control.if', {
    purpose: 'control',
    inputs: [input('value', 'any')],
    outputs: [output('yes', 'any'), output('no', 'any')],
  }),
  spec('control.switch', {
    purpose: 'control',
    inputs: [input('value', 'text')],
    outputs: [output('otherwise', 'text')],
    params: [param('cases', 'lines', { default: [] })],
    dynamic: { side: 'outputs', param: 'cases', rule: 'lines', type: 'text' },
  }),
  spec('output.text', {
    purpose: 'outputs',
    inputs: [input('text', 'text')],
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

/** A gate as the server's preview gives it: on the wire from `m.text` to `o.text`. */
export function gate(more: Partial<Gate> = {}): Gate {
  return {
    id: 'gate:m.text:1a2b3c4d',
    rules: [{ id: 'person-text', title: word('Text'), reason: word('A person will read this.') }],
    sink: 'person',
    origins: ['model', 'user'],
    media: 'text',
    filters: [
      { id: 'safety.secrets', title: word('Secrets'), action: 'redact', cost: 0.25 },
      { id: 'safety.words', title: word('Word lists'), action: 'block', cost: 0 },
    ],
    sources: [{ node: 'm', port: 'text' }],
    targets: [{ node: 'o', port: 'text' }],
    ...more,
  };
}
