import { describe, expect, it } from 'vitest';

import { CATALOG, edge, end, graph, node } from '../document/testing';
import { choicesFor } from './connectChoices';
import { verdictsFor } from './connecting';

const doc = graph(
  [node('t', 'input.text'), node('p', 'input.image'), node('m', 'text.generate'), node('o', 'output.text')],
  [edge('m.text', 'o.text')],
);

describe('a wire in the air', () => {
  it('has a verdict for every port on the other side, and for none on its own', () => {
    const verdicts = verdictsFor(doc, CATALOG, end('t.text'), 'outputs');
    expect([...verdicts].map(([key, verdict]) => [key, verdict.ok])).toEqual([
      ['inputs m prompt', true],
      ['inputs o text', true],
    ]);
  });

  it('pulled from an input asks the other way round', () => {
    const verdicts = verdictsFor(doc, CATALOG, end('m.prompt'), 'inputs');
    expect(verdicts.get('outputs t text')?.ok).toBe(true);
    expect(verdicts.get('outputs p image')?.ok).toBe(false);
    expect(verdicts.get('outputs m text')?.ok).toBe(false);
  });
});

describe('the connect menu', () => {
  it('offers exactly what a drag would accept', () => {
    const offered = choicesFor(doc, CATALOG, 'm', null).map(({ source, target }) => [
      source.node,
      target.node,
    ]);
    expect(offered).toEqual([['t', 'm']]);
  });

  it('keeps to one input when it was opened from it', () => {
    const offered = choicesFor(doc, CATALOG, 'o', 'text').map(({ source }) => source.node);
    expect(offered).toEqual(['t']);
  });
});
