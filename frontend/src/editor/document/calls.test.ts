import { describe, expect, it } from 'vitest';

import { withCallee } from '../state/callees';
import { mayConnect } from './connect';
import { type Callee, calleeFrom, calleeOf, callText, parseCall, portChoices } from './calls';
import { type Port, portsOf } from './ports';
import type { NodeSpec } from './spec';
import { CATALOG, graph, node, word } from './testing';

const WORKFLOW = '01930000-0000-7000-8000-0000000000b1';
const CALL = callText(WORKFLOW, 3);
const spec: NodeSpec = {
  type: 'control.workflow',
  version: 1,
  title: word('Workflow'),
  summary: word(''),
  help: word(''),
  purpose: 'control',
  icon: 'sitemap',
  inputs: [],
  outputs: [],
  params: [
    {
      name: 'workflow',
      kind: 'workflow',
      title: word('Workflow'),
      help: null,
      default: '',
      required: false,
      minimum: null,
      maximum: null,
      step: null,
      choices: null,
      capability: null,
      max_length: 20_000,
      advanced: false,
    },
  ],
  dynamic: null,
  repeat: null,
  asks: false,
  resource: 'inline',
  effects: 'pure',
};
const callee: Callee = calleeFrom({
  id: 'v',
  number: 3,
  created: '2026-01-01T00:00:00Z',
  note: '',
  name: 'Summarise',
  graph: { format: 1, nodes: [], edges: [] },
  inputs: [{ name: 'q', type: 'text', title: 'Question', required: true }],
  outputs: [{ name: 'a', type: 'text', title: 'Answer', required: true }],
});
const catalog = withCallee(
  { ...CATALOG, specs: new Map([...CATALOG.specs, [spec.type, spec]]) },
  CALL,
  callee,
);
const knowing = catalog.specs.get(spec.type);
const caller = { ...node('w', spec.type), params: { workflow: CALL } };

describe('a call', () => {
  it('is written as the server reads it', () => {
    expect(CALL).toBe(`${WORKFLOW}@3`);
    expect(parseCall(CALL)).toEqual({ workflow: WORKFLOW, version: 3 });
    for (const text of ['', 'x@1', `${WORKFLOW}@0`, `${WORKFLOW}@`, WORKFLOW, 3, null])
      expect(parseCall(text)).toBeNull();
  });

  it('has the ports of the version that it calls, once they are known', () => {
    expect(portsOf(caller, spec)).toEqual({ inputs: [], outputs: [] });
    expect(portsOf(caller, knowing)).toMatchObject({ inputs: [{ name: 'q' }], outputs: [{ name: 'a' }] });
    expect(calleeOf(caller, knowing)?.name).toBe('Summarise');
    expect(portsOf({ ...caller, params: { workflow: callText(WORKFLOW, 4) } }, knowing).inputs).toEqual([]);
  });

  it('has lists where it does something for each item of one', () => {
    const port = { ...spec.params[0], name: 'over', kind: 'port' } as (typeof spec.params)[number];
    const mapping: NodeSpec = {
      ...spec,
      params: [...spec.params, port],
      repeat: { way: 'map', bound: 'items', port: 'over' },
      callees: new Map([[CALL, callee]]),
    };
    expect(portsOf(caller, mapping).inputs).toMatchObject([{ name: 'q', type: 'list[text]' }]);
    expect(portsOf(caller, mapping).outputs).toMatchObject([{ name: 'a', type: 'list[text]' }]);
    expect(portChoices(caller, mapping)).toMatchObject([{ name: 'q', type: 'text' }]);
    const two = { ...callee, inputs: [...callee.inputs, { ...callee.inputs[0], name: 'r' } as Port] };
    const more = { ...mapping, callees: new Map([[CALL, two]]) };
    expect(portsOf({ ...caller }, more).inputs.map(({ type }) => type)).toEqual(['text', 'text']);
    const chosen = { ...caller, params: { ...caller.params, over: 'r' } };
    expect(portsOf(chosen, more).inputs.map(({ type }) => type)).toEqual(['text', 'list[text]']);
  });

  it('offers of a loop the outputs that may end it', () => {
    const looping: NodeSpec = {
      ...spec,
      repeat: { way: 'loop', bound: 'rounds', port: 'until' },
      callees: new Map([[CALL, callee]]),
    };
    expect(portsOf(caller, looping).outputs).toMatchObject([{ name: 'a', type: 'text' }]);
    expect(portChoices(caller, looping)).toMatchObject([{ name: 'a' }]);
  });

  it('is connected like any other node', () => {
    const drawn = graph([node('i', 'input.text'), caller]);
    const end = { node: 'i', port: 'text' };
    expect(mayConnect(drawn, catalog, end, { node: 'w', port: 'q' }).ok).toBe(true);
    expect(mayConnect(drawn, catalog, end, { node: 'w', port: 'nothing' }).ok).toBe(false);
  });
});
