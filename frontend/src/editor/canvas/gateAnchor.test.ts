import { describe, expect, it } from 'vitest';

import { anchorAbove, anchorOf, pillWidth } from './gateAnchor';

const at = (x: number, y: number) => ({ x, y });

describe('a gate between two ports', () => {
  it('stands in the middle', () => {
    expect(anchorOf([at(0, 0)], [at(300, 40)], 100)).toEqual({ x: 150, y: 20, width: 100, compact: false });
  });

  it('shrinks to its sign where room is short', () => {
    expect(anchorOf([at(0, 0)], [at(90, 0)], 100)).toMatchObject({ x: 45, compact: true });
  });
});

describe('a shared gate', () => {
  it('stands once after its source, level with it, when several read', () => {
    const anchor = anchorOf([at(0, 50)], [at(400, 0), at(400, 300)], 100);
    expect(anchor).toMatchObject({ y: 50, compact: false });
    expect(anchor?.x).toBeLessThan(100);
  });

  it('stands once before its reader when several write', () => {
    const anchor = anchorOf([at(0, 0), at(0, 300)], [at(400, 150)], 100);
    expect(anchor).toMatchObject({ y: 150 });
    expect(anchor?.x).toBeGreaterThan(300);
  });

  it('has no place when an end is not on the canvas', () => {
    expect(anchorOf([], [at(0, 0)], 100)).toBeNull();
  });
});

it('stands on the card when it looks at a setting, the second above the first', () => {
  const first = anchorAbove(at(100, 200), 192, 150, 0);
  expect(first).toMatchObject({ x: 196, width: 150, compact: false });
  expect(first.y).toBeLessThan(200 - 23);
  expect(anchorAbove(at(100, 200), 192, 150, 1).y).toBeLessThan(first.y - 46);
});

it('gives a Chinese name the room that it needs', () => {
  expect(pillWidth('提示词注入检查')).toBeGreaterThan(pillWidth('Prompts'));
});
