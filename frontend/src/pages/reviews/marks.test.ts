import { describe, expect, it } from 'vitest';

import type { Material, Spot } from '../../api/types';
import { allMarks, cutsOf, itemKey, marksOf, piecesOf } from './marks';

const spot = (start: number, end: number, item: number | null = null): Spot => ({
  item,
  start,
  end,
  filter: 'safety.personal_data',
  category: 'phone',
});
const material = (change: Partial<Material>): Material => ({
  look: 'l',
  at: '2026-11-23T12:00:00Z',
  type: 'text',
  value: 'abcdefgh',
  files: [],
  spots: [],
  ...change,
});
const file = { url: '/x', media_type: 'image/png', width: 1, height: 1, size: 1 };

describe('the marks of a text', () => {
  it('are counted in code points, as the server does', () => {
    const marks = marksOf([spot(2, 4)], null);
    expect(piecesOf('😀😀ab😀', marks).map(({ text }) => text)).toEqual(['😀😀', 'ab', '😀']);
  });

  it('are one where they overlap, and two where they only touch', () => {
    expect(marksOf([spot(4, 8), spot(0, 3), spot(2, 4)], null).map(({ start, end }) => [start, end])).toEqual(
      [
        [0, 4],
        [4, 8],
      ],
    );
  });

  it('leave the whole text when they are put together', () => {
    const marks = marksOf([spot(0, 2), spot(5, 8)], null);
    expect(
      piecesOf('abcdefgh', marks)
        .map(({ text }) => text)
        .join(''),
    ).toBe('abcdefgh');
  });
});

describe('what is taken out', () => {
  it('is what was recognised, until somebody says otherwise', () => {
    const found = material({ spots: [spot(0, 2), spot(5, 8)] });
    const all = allMarks(found);
    expect(cutsOf(found, all)).toHaveLength(2);
    const [first] = [...all];
    expect(cutsOf(found, new Set([first ?? '']))).toEqual([{ item: null, start: 0, end: 2 }]);
    expect(cutsOf(found, new Set())).toBeNull();
  });

  it('is the whole text where nothing is marked', () => {
    expect(cutsOf(material({}), new Set())).toEqual([{ item: null, start: null, end: null }]);
  });

  it('is never a lone picture, but may be one of several', () => {
    expect(cutsOf(material({ type: 'image', value: null, files: [file] }), new Set())).toBeNull();
    const two = material({ type: 'list[image]', value: null, files: [file, file] });
    expect(cutsOf(two, new Set())).toBeNull();
    expect(cutsOf(two, new Set([itemKey(1)]))).toEqual([{ item: 1, start: null, end: null }]);
  });

  it('is a whole item before it is a place in it', () => {
    const list = material({ type: 'list[text]', value: ['abc', 'def'], spots: [spot(0, 1, 1)] });
    expect(cutsOf(list, allMarks(list))).toEqual([{ item: 1, start: 0, end: 1 }]);
    expect(cutsOf(list, new Set([...allMarks(list), itemKey(1)]))).toEqual([
      { item: 1, start: null, end: null },
    ]);
  });
});
