import { describe, expect, it } from 'vitest';

import { begin, MAX_STEPS, record, redo, seal, undo } from './history';
import { graph, node } from './testing';

const doc = graph([node('a', 'input.text'), node('b', 'input.text')]);
const typed = (text: string) => ({ kind: 'setParam', node: 'a', param: 'name', value: text }) as const;

describe('history', () => {
  it('joins typing in one field into one step', () => {
    const letters = ['q', 'qu', 'que'];
    const history = letters.reduce((before, text) => record(before, typed(text), 'a.name'), begin(doc));
    expect(history.undo).toHaveLength(1);
    expect(undo(history).doc).toEqual(doc);
    expect(redo(undo(history)).doc).toEqual(history.doc);
  });

  it('begins a new step after the field was left', () => {
    const first = seal(record(begin(doc), typed('q'), 'a.name'));
    const second = record(first, typed('qu'), 'a.name');
    expect(second.undo).toHaveLength(2);
    expect(undo(second).doc).toEqual(first.doc);
  });

  it('joins a drag that picks up another node on its way', () => {
    const one = record(begin(doc), { kind: 'moveNodes', positions: { a: { x: 5, y: 5 } } }, 'drag');
    const both = { a: { x: 9, y: 9 }, b: { x: 4, y: 4 } };
    const two = record(one, { kind: 'moveNodes', positions: both }, 'drag');
    expect(two.undo).toHaveLength(1);
    expect(undo(two).doc).toEqual(doc);
  });

  it('forgets what could be redone once something new is done', () => {
    const history = record(undo(record(begin(doc), typed('x'))), typed('y'));
    expect(history.redo).toEqual([]);
  });

  it('does nothing at either end', () => {
    const history = begin(doc);
    expect(undo(history)).toBe(history);
    expect(redo(history)).toBe(history);
  });

  it('keeps a bounded number of steps', () => {
    let history = begin(doc);
    for (let step = 0; step < MAX_STEPS + 20; step += 1) history = record(history, typed(String(step)));
    expect(history.undo).toHaveLength(MAX_STEPS);
  });
});
