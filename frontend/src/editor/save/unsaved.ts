// What the server does not have yet, kept in the browser: a closed tab or a lost connection loses nothing.
import type { Id } from '../../api/types';
import type { Graph } from '../document/graph';

export interface Unsaved {
  readonly base: number;
  readonly graph: Graph;
}

const keyOf = (workflow: Id): string => `sluiceway.unsaved.${workflow}`;

export function keepUnsaved(workflow: Id, unsaved: Unsaved | null): void {
  try {
    if (unsaved) localStorage.setItem(keyOf(workflow), JSON.stringify(unsaved));
    else localStorage.removeItem(keyOf(workflow));
  } catch {
    // No room, or no storage: the warning on leaving the page still holds.
  }
}

export function readUnsaved(workflow: Id): Unsaved | null {
  try {
    const raw = JSON.parse(localStorage.getItem(keyOf(workflow)) ?? 'null') as Partial<Unsaved> | null;
    const whole =
      Number.isInteger(raw?.base) && Array.isArray(raw?.graph?.nodes) && Array.isArray(raw.graph.edges);
    return whole ? (raw as Unsaved) : null;
  } catch {
    return null; // Written by an older page, or cut off: nothing that could be trusted.
  }
}
