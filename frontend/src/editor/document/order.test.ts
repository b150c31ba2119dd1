import { expect, it } from 'vitest';

import { inFlowOrder } from './order';
import { edge, graph, node } from './testing';

const ids = (doc: Parameters<typeof inFlowOrder>[0]): string[] => inFlowOrder(doc).map((item) => item.id);
const nodes = ['c', 'b', 'a'].map((id) => node(id, 'text.generate'));

it('puts a node after all that feed it', () => {
  expect(ids(graph(nodes, [edge('a.text', 'b.prompt'), edge('b.text', 'c.prompt')]))).toEqual([
    'a',
    'b',
    'c',
  ]);
});

it('loses nobody in a circle', () => {
  expect(ids(graph(nodes, [edge('a.text', 'b.prompt'), edge('b.text', 'a.prompt')]))).toHaveLength(3);
});
