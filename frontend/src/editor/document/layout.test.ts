import { expect, it } from 'vitest';

import { arrange } from './layout';

it('puts what feeds left of what is fed, with room for a gate between', () => {
  const nodes = ['c', 'a', 'b'].map((id) => ({ id, width: 200, height: 100 }));
  const placed = arrange({
    nodes,
    edges: [
      { source: 'a', target: 'b' },
      { source: 'b', target: 'c' },
    ],
  });
  expect((placed.b?.x ?? 0) - (placed.a?.x ?? 0)).toBeGreaterThanOrEqual(340);
  expect((placed.c?.x ?? 0) - (placed.b?.x ?? 0)).toBeGreaterThanOrEqual(340);
});
