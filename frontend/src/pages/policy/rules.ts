// Rules as values: what an edit makes of them, and how each stands to the floor under it. Pure.
import type { PolicyFault, PolicyRule, PolicyRules, PolicyState, Sink } from '../../api/types';

export const SINKS: readonly Sink[] = ['person', 'model', 'outside', 'store'];
export const KINDS: readonly PolicyRule['media'][number][] = [
  'text',
  'json',
  'image',
  'audio',
  'video',
  'document',
  'number',
  'boolean',
];
export const SOURCES: readonly PolicyRule['sources'][number][] = [
  'user',
  'upload',
  'web',
  'tool',
  'retrieved',
  'model',
  'author',
];

/** What the page shows: the draft, else its own version, else the floor that it follows. */
export function shownPolicy(state: PolicyState): PolicyRules {
  return (state.draft ?? state.own ?? state.floor).policy;
}

/** What the draft is a change of. */
export function keptPolicy(state: PolicyState): PolicyRules {
  return (state.own ?? state.floor).policy;
}

export type Standing = 'fault' | 'floor' | 'changed' | 'own';

export function standingOf(rule: PolicyRule, floor: PolicyRules, faults: readonly PolicyFault[]): Standing {
  if (faults.some((fault) => fault.rule === rule.id)) return 'fault';
  const below = floor.rules.find(({ id }) => id === rule.id);
  if (below === undefined) return 'own';
  return same(below, rule) ? 'floor' : 'changed';
}

/** Whether the draft says something else of this rule than what it was begun from. */
export function isDrafted(rule: PolicyRule, kept: PolicyRules): boolean {
  const before = kept.rules.find(({ id }) => id === rule.id);
  return before === undefined || !same(before, rule);
}

/** Rules of the floor that are missing: where nothing speaks, nothing passes. */
export function goneRules(policy: PolicyRules, floor: PolicyRules): readonly PolicyRule[] {
  return floor.rules.filter(({ id }) => !policy.rules.some((rule) => rule.id === id));
}

/** In the place of the rule with the same id, or at the end. */
export function withRule(policy: PolicyRules, rule: PolicyRule): PolicyRules {
  const known = policy.rules.some(({ id }) => id === rule.id);
  const rules = known
    ? policy.rules.map((item) => (item.id === rule.id ? rule : item))
    : [...policy.rules, rule];
  return { ...policy, rules };
}

export function withoutRule(policy: PolicyRules, id: string): PolicyRules {
  return { ...policy, rules: policy.rules.filter((rule) => rule.id !== id) };
}

/** A name for a new rule that no rule has yet: small letters, digits and hyphens. */
export function freeId(title: string, sink: Sink, policy: PolicyRules): string {
  const plain = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  const stem = plain === '' || plain === 'previews' || plain === 'labelling' ? `${sink}-rule` : plain;
  const taken = new Set(policy.rules.map(({ id }) => id));
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? stem : `${stem}-${number}`;
    if (!taken.has(id)) return id;
  }
}

/** Whatever the order of their keys. */
export function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, item]) => [key, ordered(item)]),
  );
}
