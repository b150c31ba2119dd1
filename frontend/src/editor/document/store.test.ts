import { beforeEach, expect, it } from 'vitest';

import { currentGraph, useDocument } from './store';
import { graph, node } from './testing';

const store = () => useDocument.getState();

beforeEach(() => store().load(graph([node('m', 'text.generate')])));

it('changes nothing of a document that is only to be looked at', () => {
  store().load(currentGraph(), true);
  const before = currentGraph();
  store().dispatch({ kind: 'removeNode', id: 'm' });
  store().undo();
  store().redo();
  expect(currentGraph()).toBe(before);
  store().select(['m']);
  expect([...store().selection.nodes]).toEqual(['m']);
});

it('changes the next document again', () => {
  store().load(currentGraph(), true);
  store().load(currentGraph());
  store().dispatch({ kind: 'removeNode', id: 'm' });
  expect(currentGraph().nodes).toEqual([]);
});
