// What can be tried: the gates of the plan, and beside them whatever may go to a person or to a model. Pure.
import type { Gate, Source, WhatIf } from '../../api/types';
import type { Kind } from '../../shared/trial/material';

export interface Choice {
  readonly value: string;
  readonly sink: WhatIf['sink'];
  /** What passes there; null where it may be any. */
  readonly kind: Kind | null;
  /** Null leaves it to the server: a text is a user's, a file an upload. */
  readonly sources: readonly Source[] | null;
  readonly gate: Gate | null;
}

export const ANY_PERSON = 'any:person';
export const ANY_MODEL = 'any:model';

const ANYTHING: readonly Choice[] = [
  { value: ANY_PERSON, sink: 'person', kind: null, sources: null, gate: null },
  { value: ANY_MODEL, sink: 'model', kind: null, sources: null, gate: null },
];

/** A node id has no colon, so no gate's id is one of our own values. */
export function choicesOf(gates: readonly Gate[]): readonly Choice[] {
  return [...gates.flatMap(choiceOf), ...ANYTHING];
}

function choiceOf(gate: Gate): Choice[] {
  const { id, sink, origins } = gate;
  const kind = kindOf(gate.media);
  if (kind === null || (sink !== 'person' && sink !== 'model')) return [];
  return [{ value: id, sink, kind, sources: origins, gate }];
}

/** Data is tried as the text that it is written as; films and documents cannot be tried. */
function kindOf(media: string): Kind | null {
  if (media === 'image' || media === 'audio') return media;
  return media === 'text' || media === 'json' ? 'text' : null;
}

/** What is asked of the server beside what is tried. */
export function askedOf({ sink, sources }: Choice): Pick<WhatIf, 'sink' | 'sources'> {
  return sources === null || sources.length === 0 ? { sink } : { sink, sources: [...sources] };
}
