import { describe, expect, it } from 'vitest';

import { CATALOG, end, graph, input, node, output, spec } from '../document/testing';
import { fitting, groupsOf, searchSpecs } from './search';

const drawing = spec('image.generate', {
  title: { en: 'Generate image', zh: '生成图像' },
  summary: { en: 'Draws a picture from words.', zh: '根据文字画图。' },
});
const writing = spec('text.generate', {
  title: { en: 'Generate text', zh: '生成文本' },
  summary: { en: 'Writes, also about an image.', zh: '写作。' },
});
const types = (query: string): string[] => searchSpecs([writing, drawing], query).map((found) => found.type);

describe('the search', () => {
  it('finds by either language and by type id', () => {
    expect(types('图像')).toEqual(['image.generate']);
    expect(types('GENERATE TEXT')).toEqual(['text.generate']);
    expect(types('text.gen')).toEqual(['text.generate']);
  });

  it('puts what is called so before what only speaks of it', () => {
    expect(types('image')).toEqual(['image.generate', 'text.generate']);
  });

  it('finds nothing when any word is foreign', () => {
    expect(types('generate whale')).toEqual([]);
  });
});

describe('what fits a loose wire', () => {
  it('is every node type with a port for it, and which port', () => {
    const doc = graph([node('p', 'input.image')]);
    const found = fitting(doc, CATALOG, end('p.image'), 'outputs');
    expect(found.map(({ spec: { type }, port }) => [type, port])).toEqual([['control.if', 'value']]);
  });

  it('works backwards from an input', () => {
    const doc = graph([node('m', 'text.generate')]);
    const found = fitting(doc, CATALOG, end('m.prompt'), 'inputs').map(({ spec: { type } }) => type);
    expect(found).toContain('input.text');
    expect(found).not.toContain('input.image');
  });
});

describe('the groups', () => {
  it('keep the order of purposes, and lose no node type of an unknown one', () => {
    const strange = spec('magic.spell', {
      purpose: 'magic' as never,
      inputs: [input('a', 'text')],
      outputs: [output('b', 'text')],
    });
    const groups = groupsOf({ ...CATALOG, specs: new Map([...CATALOG.specs, [strange.type, strange]]) });
    expect(groups.map(({ id }) => id)).toEqual(['inputs', 'language', 'control', 'outputs', 'other']);
  });
});
