import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';

import { makeQueryClient } from '../../api/queries';
import { viewOf } from '../../api/runState';
import type { Filter, Gate, PlanView } from '../../api/types';
import { useLanguage } from '../../i18n';
import { sampleRun, sampleStep } from '../../testing/samples';
import { copiedText, removeSelection, selectAll } from '../actions';
import { currentGraph, useDocument } from '../document/store';
import { CATALOG, edge, gate, graph, node } from '../document/testing';
import { acceptPreview, resetPreview, usePreview } from '../preview/store';
import { acceptView, showRun } from '../run/store';
import { useEditor } from '../state/editor';
import { useUi } from '../state/ui';
import { useTrying } from '../whatIf/store';
import { reconcile } from './flowStore';
import { GateDetails } from './GateDetails';

const GATE = gate();
const PLAN: PlanView = {
  policy: { version: 1, digest: 'd' },
  inputs: [],
  outputs: [],
  steps: [],
  gates: [GATE],
};
const DRAWING = graph(
  [node('m', 'text.generate'), node('o', 'output.text', { name: 'answer' })],
  [edge('m.text', 'o.text')],
);
const FILTERS: readonly Filter[] = [
  {
    id: 'safety.words',
    title: { en: 'Word lists', zh: '词表' },
    media: ['text'],
    categories: [{ id: 'hate', title: { en: 'Hate (S10)', zh: '仇恨（S10）' } }],
    languages: ['en', 'zh'],
    licence: 'Apache-2.0',
    cost: 0.1,
    misses: { en: 'much', zh: '很多' },
  },
];

beforeEach(() => {
  useLanguage.setState({ language: 'en' });
  useEditor.setState({ catalog: CATALOG });
  resetPreview();
  showRun(null);
  useDocument.getState().load(DRAWING);
  acceptPreview([], PLAN);
});

function show(shown: Gate = GATE) {
  const client = makeQueryClient();
  client.setQueryData(['filters'], { results: FILTERS });
  render(
    <QueryClientProvider client={client}>
      <MantineProvider>
        <GateDetails gate={shown} />
      </MantineProvider>
    </QueryClientProvider>,
  );
}

function ran(state: 'done' | 'waiting' | 'withheld', ...actions: ('redact' | 'hold' | 'block')[]) {
  const step = sampleStep({
    id: GATE.id,
    node: null,
    gate: true,
    state,
    started: '2026-11-23T12:00:00.000Z',
    finished: state === 'waiting' ? null : '2026-11-23T12:00:00.120Z',
  });
  const findings = actions.map((action) => ({
    step: GATE.id,
    rule: 'person-text',
    action,
    filter: 'safety.words',
    category: 'hate',
    score: 0.9,
    message: { en: 'Not let through: Hate (S10).', zh: '未放行：仇恨（S10）。' },
  }));
  acceptView(viewOf(sampleRun({ steps: [step], findings })), 'live');
}

describe('a gate is no part of the drawing', () => {
  it('is not among the cards that can be moved, selected or deleted', () => {
    const cards = reconcile([], currentGraph(), { nodes: new Set(), edges: new Set() }, CATALOG);
    expect(cards.map(({ id }) => id)).toEqual(['m', 'o']);
  });

  it('is not in what is copied, nor in what is saved and exported', () => {
    selectAll();
    expect(copiedText()).toContain('text.generate');
    expect(copiedText()).not.toContain('gate:');
    expect(JSON.stringify(currentGraph())).not.toContain('gate:');
  });

  it('comes and goes without a step to undo', () => {
    acceptPreview([], { ...PLAN, gates: [] });
    acceptPreview([], PLAN);
    expect(useDocument.getState().history.undo).toEqual([]);
  });

  it('stays when everything is deleted, until the server says otherwise, and undo brings back no second one', () => {
    selectAll();
    removeSelection();
    expect(currentGraph().nodes).toEqual([]);
    expect(usePreview.getState().plan?.gates).toEqual([GATE]);
    useDocument.getState().undo();
    expect(currentGraph()).toEqual(DRAWING);
  });

  it('cannot be reached by its id', () => {
    useDocument.getState().select([GATE.id]);
    removeSelection();
    expect(() => useDocument.getState().dispatch({ kind: 'removeNode', id: GATE.id })).toThrow(GATE.id);
    expect(currentGraph()).toEqual(DRAWING);
    expect(usePreview.getState().plan?.gates).toEqual([GATE]);
  });
});

describe('the card of a gate', () => {
  it('says why it is here, whose bytes make it necessary, and what its filters do and cost', () => {
    show();
    expect(screen.getByText('A person will read this.')).toBeVisible();
    expect(screen.getByText('Because of what comes from models and whoever starts the run.')).toBeVisible();
    expect(screen.getByText('Secrets: takes out')).toBeVisible();
    expect(screen.getByText('0.25 ms a KB')).toBeVisible();
    expect(screen.getByText('Word lists: blocks')).toBeVisible();
    expect(screen.getByText(/cannot be moved or removed/)).toBeVisible();
  });

  it('adds up what was measured, a filter that acts in two ways once, and rounds the sum alone', () => {
    const [secrets] = GATE.filters;
    if (!secrets) throw new Error('the sample has a filter');
    const filters = [
      { ...secrets, cost: 1.05 },
      { ...secrets, cost: 1.05, action: 'hold' as const },
      { ...secrets, id: 'safety.words', cost: 0.28 },
      { ...secrets, id: 'safety.personal_data', cost: 0.11 },
    ];
    show({ ...GATE, filters });
    expect(screen.getAllByText('1.05 ms a KB')).toHaveLength(2);
    expect(screen.getByText('together about 1.4 ms a KB')).toBeVisible();
  });

  it('adds nothing up where one filter alone costs something', () => {
    show();
    expect(screen.queryByText(/together/)).toBeNull();
  });

  it('says what it took and found in the last run, by titles in the reader’s language', () => {
    ran('withheld', 'block');
    useLanguage.setState({ language: 'zh' });
    show();
    const found = within(screen.getByTestId('gate-found'));
    expect(found.getByText('仇恨（S10） · 词表')).toBeVisible();
    expect(found.getByText('拦截')).toBeVisible();
    expect(found.queryByText(/safety\.words|hate$/)).toBeNull();
    expect(screen.getByText(/0\.1.秒/)).toBeVisible();
  });

  it('says that it found nothing', () => {
    ran('done');
    show();
    expect(screen.getByText('It found nothing.')).toBeVisible();
  });

  it('says that a person has been asked', () => {
    ran('waiting', 'hold');
    show();
    expect(screen.getByText(/A person has been asked/)).toBeVisible();
  });

  it('leads to trying exactly this gate', async () => {
    show();
    await userEvent.click(screen.getByTestId('try-gate'));
    expect(useTrying.getState().which).toBe(GATE.id);
    expect(useUi.getState()).toMatchObject({ drawer: true, drawerTab: 'try', openGate: null });
  });

  it('leads to trying a gate for sound as well', async () => {
    show(gate({ media: 'audio' }));
    await userEvent.click(screen.getByTestId('try-gate'));
    expect(useTrying.getState().which).toBe(GATE.id);
  });
});
