import { beforeEach, describe, expect, it } from 'vitest';

import type { Issue, PlanView } from '../../api/types';
import { edge, graph, node, word } from '../document/testing';
import { acceptPreview, compiledPart, gateOfWire, resetPreview, usePreview } from './store';

const gate: PlanView['gates'][number] = {
  id: 'gate:m.text:1',
  rules: [{ id: 'r', title: word('Text'), reason: word('why') }],
  sink: 'person',
  origins: ['model'],
  media: 'text',
  filters: [],
  sources: [{ node: 'm', port: 'text' }],
  targets: [
    { node: 'o', port: 'text' },
    { node: 'q', port: 'text' },
  ],
};
const plan: PlanView = {
  policy: { version: 1, digest: 'd' },
  inputs: [],
  outputs: [],
  steps: [],
  gates: [gate],
};
const issue = (id: string | null): Issue => ({
  code: 'x',
  message: word('wrong'),
  hint: null,
  node: id,
  port: null,
  param: null,
  edge: null,
  severity: 'error',
});

beforeEach(resetPreview);

describe('the preview', () => {
  it('sorts issues to their nodes, all at once', () => {
    acceptPreview([issue('a'), issue('b'), issue('a'), issue(null)], null);
    const { byNode, issues } = usePreview.getState();
    expect([byNode.get('a')?.length, byNode.get('b')?.length, issues.length]).toEqual([2, 1, 4]);
  });

  it('keeps the last gates while the draft is being mended', () => {
    acceptPreview([], plan);
    acceptPreview([issue('a')], null);
    expect(usePreview.getState()).toMatchObject({ plan: null, lastPlan: plan });
  });
});

describe('what the compiler sees', () => {
  const a = node('a', 'input.text');
  it('does not change with a move', () => {
    const moved = { ...a, position: { x: 9, y: 9 } };
    expect(compiledPart(graph([a]))).toBe(compiledPart(graph([moved])));
  });

  it('changes with a param, a wire and a name', () => {
    const parts = [graph([a]), graph([{ ...a, params: { name: 'x' } }]), graph([{ ...a, title: 'x' }])];
    const wired = graph([a, node('b', 'output.text')], [edge('a.text', 'b.text')]);
    expect(new Set([...parts, wired].map(compiledPart)).size).toBe(4);
  });
});

describe('a gate', () => {
  it('stands on every wire from one of its sources to one of its targets, and on no other', () => {
    expect(gateOfWire([gate], { node: 'm', port: 'text' }, { node: 'q', port: 'text' })).toBe(gate);
    expect(gateOfWire([gate], { node: 'm', port: 'text' }, { node: 'z', port: 'text' })).toBeUndefined();
    expect(gateOfWire([gate], { node: 't', port: 'text' }, { node: 'o', port: 'text' })).toBeUndefined();
  });
});
