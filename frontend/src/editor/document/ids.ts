// Fresh ids for nodes and edges, readable where a person may meet them.

const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** `text.generate` -> `generate-k3x9`: says what it is, and does not clash when two tabs add one each. */
export function nodeId(type: string, taken: ReadonlySet<string>): string {
  const word = (type.split('.').at(-1) ?? 'node').replace(/[^A-Za-z0-9_-]/g, '').slice(0, 24) || 'node';
  return fresh(word, taken);
}

export function edgeId(taken: ReadonlySet<string>): string {
  return fresh('e', taken);
}

function fresh(word: string, taken: ReadonlySet<string>): string {
  for (;;) {
    const id = `${word}-${letters(6)}`;
    if (!taken.has(id)) return id;
  }
}

function letters(count: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return Array.from(bytes, (byte) => LETTERS[byte % LETTERS.length]).join('');
}

/** `text` -> `text_2` when taken: the names of a workflow's inputs and outputs are unique. */
export function uniqueName(name: string, taken: ReadonlySet<string>): string {
  const stem = name.replace(/_\d+$/, '');
  for (let number = 2, candidate = name; ; number += 1) {
    if (!taken.has(candidate)) return candidate;
    candidate = `${stem}_${number}`;
  }
}
