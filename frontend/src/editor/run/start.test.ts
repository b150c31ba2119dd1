import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { sampleRun } from '../../testing/samples';
import { useDocument } from '../document/store';
import { CATALOG, graph, node } from '../document/testing';
import { useSave } from '../save/store';
import { useEditor } from '../state/editor';
import { useInputs } from './inputs';
import { usePartial } from './partial';
import { pressRun } from './start';

const question = {
  name: 'q',
  type: 'text',
  title: 'Question',
  node: 'a',
  required: true,
  default: null,
  multiline: false,
  minimum: null,
  maximum: null,
};

let asked: { address: string; body: Record<string, unknown> }[] = [];

beforeEach(() => {
  asked = [];
  useEditor.setState({ catalog: CATALOG, workspace: 'ws', workflow: 'wf' });
  useDocument.getState().load(graph([node('a', 'input.text')]));
  useSave.setState({ state: 'saved' });
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push({
      address: new URL(request.url).pathname,
      body: (await request.json()) as Record<string, unknown>,
    });
    const plan = { ...sampleRun().plan, inputs: [question] };
    return request.url.endsWith('/compile')
      ? Response.json({ issues: [], plan })
      : Response.json(sampleRun({ to: 'a' }), { status: 201 });
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

it('asks the server about that part of the drawing, and runs no further than the node', async () => {
  useInputs.setState({ filled: { q: 'Why?', other: 'not asked for here' }, problems: {} });
  await pressRun('a');
  expect(asked.map(({ address }) => address)).toEqual([
    '/api/workspaces/ws/compile',
    '/api/workflows/wf/runs',
  ]);
  expect(asked[0]?.body.to).toBe('a');
  expect(asked[1]?.body).toMatchObject({ to: 'a', inputs: { q: 'Why?' } });
});

it('asks for what that part needs before it starts', async () => {
  useInputs.setState({ filled: {}, problems: {} });
  expect(await pressRun('a')).toBeNull();
  expect(asked).toHaveLength(1);
  expect(usePartial.getState()).toMatchObject({ to: 'a', inputs: [{ name: 'q' }] });
  expect(useInputs.getState().problems).toHaveProperty('q');
});
