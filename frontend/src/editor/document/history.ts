// Undo and redo as values: stacks of inverse commands, with typing and dragging joined into one step.

import { apply } from './apply';
import { batch, type Command } from './command';
import type { Graph } from './graph';

export interface Step {
  readonly inverse: Command;
  /** Edits that carry the same key, one after the other, are one step. */
  readonly merge: string | null;
}

export interface History {
  readonly doc: Graph;
  readonly undo: readonly Step[];
  readonly redo: readonly Command[];
}

/** Enough for an afternoon's work; older steps are forgotten. */
export const MAX_STEPS = 500;

export function begin(doc: Graph): History {
  return { doc, undo: [], redo: [] };
}

export function record(history: History, command: Command, merge: string | null = null): History {
  const { doc, inverse } = apply(history.doc, command);
  const top = history.undo.at(-1);
  const joined = merge !== null && top?.merge === merge ? top : null;
  const undo = joined
    ? [...history.undo.slice(0, -1), { inverse: compose(inverse, joined.inverse), merge }]
    : [...history.undo.slice(-(MAX_STEPS - 1)), { inverse, merge }];
  return { doc, undo, redo: [] };
}

/** Ends the current joined step: the next edit is a step of its own. */
export function seal(history: History): History {
  const top = history.undo.at(-1);
  if (top === undefined || top.merge === null) return history;
  return { ...history, undo: [...history.undo.slice(0, -1), { ...top, merge: null }] };
}

export function undo(history: History): History {
  const step = history.undo.at(-1);
  if (!step) return history;
  const { doc, inverse } = apply(history.doc, step.inverse);
  return { doc, undo: history.undo.slice(0, -1), redo: [...history.redo, inverse] };
}

export function redo(history: History): History {
  const command = history.redo.at(-1);
  if (!command) return history;
  const { doc, inverse } = apply(history.doc, command);
  return { doc, undo: [...history.undo, { inverse, merge: null }], redo: history.redo.slice(0, -1) };
}

/** The way back over two edits: first the newer inverse, then the older; the older wins where they overlap. */
function compose(newer: Command, older: Command): Command {
  const sameParam = newer.kind === 'setParam' && older.kind === 'setParam' && newer.param === older.param;
  if (sameParam && newer.node === older.node) return older;
  if (newer.kind === 'renameNode' && older.kind === 'renameNode' && newer.node === older.node) return older;
  if (newer.kind === 'moveNodes' && older.kind === 'moveNodes') {
    return { kind: 'moveNodes', positions: { ...newer.positions, ...older.positions } };
  }
  const tail = older.kind === 'batch' ? older.commands : [older];
  return batch([newer, ...tail]);
}
