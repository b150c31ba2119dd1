import { describe, expect, it } from 'vitest';

import type { PolicyRule, PolicyRules } from '../../api/types';
import { freeId, goneRules, isDrafted, same, standingOf, withoutRule, withRule } from './rules';

const rule = (id: string, threshold = 0.5): PolicyRule => ({
  id,
  title: { en: id, zh: id },
  reason: { en: '', zh: '' },
  sink: 'person',
  media: ['text'],
  sources: ['user'],
  chain: [{ filter: 'safety.words', action: 'block', threshold, categories: [] }],
});
const policy = (...rules: PolicyRule[]): PolicyRules => ({
  previews: 'none',
  labelling: { profile: 'none', language: 'en', producer: '' },
  rules,
});

describe('a rule and the floor under it', () => {
  const floor = policy(rule('a'), rule('b'));

  it('is as the floor, stricter, alone, or at fault', () => {
    expect(standingOf(rule('a'), floor, [])).toBe('floor');
    expect(standingOf(rule('a', 0.2), floor, [])).toBe('changed');
    expect(standingOf(rule('c'), floor, [])).toBe('own');
    const fault = { rule: 'a', code: 'below_floor', message: { en: '', zh: '' } };
    expect(standingOf(rule('a', 0.9), floor, [fault])).toBe('fault');
  });

  it('is told as drafted when it is not what the draft began from', () => {
    expect([
      isDrafted(rule('a'), floor),
      isDrafted(rule('a', 0.1), floor),
      isDrafted(rule('c'), floor),
    ]).toEqual([false, true, true]);
  });

  it('is missed when it was taken out, and can be put back', () => {
    const without = withoutRule(floor, 'a');
    expect(goneRules(without, floor).map(({ id }) => id)).toEqual(['a']);
    expect(goneRules(withRule(without, rule('a')), floor)).toEqual([]);
  });
});

describe('an edit', () => {
  it('puts a rule in the place of its namesake, else at the end', () => {
    const before = policy(rule('a'), rule('b'));
    expect(withRule(before, rule('a', 0.1)).rules.map(({ chain }) => chain[0]?.threshold)).toEqual([
      0.1, 0.5,
    ]);
    expect(withRule(before, rule('c')).rules.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('finds a free name in small letters for a new rule, whatever its title is written in', () => {
    const taken = policy(rule('no-links'), rule('person-rule'));
    expect(freeId('No links!', 'person', taken)).toBe('no-links-2');
    expect(freeId('不要链接', 'person', taken)).toBe('person-rule-2');
    expect(freeId('previews', 'model', taken)).toBe('model-rule');
  });

  it('is none when only the order of keys differs', () => {
    expect(same({ a: [1, { b: 2, c: 3 }] }, { a: [1, { c: 3, b: 2 }] })).toBe(true);
    expect(same({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
  });
});
