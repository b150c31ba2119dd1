import { describe, expect, it } from 'vitest';

import { param } from '../../document/testing';
import { faultOf } from './check';

describe('a setting', () => {
  it('that is required must be there', () => {
    const name = param('name', 'text', { required: true });
    for (const empty of [undefined, null, '', []])
      expect(faultOf(name, empty)?.key).toBe('editor.fault_missing');
    expect(faultOf(param('name', 'text'), '')).toBeNull();
  });

  it('keeps its bounds, which belong to it', () => {
    const steps = param('steps', 'integer', { minimum: 1, maximum: 50 });
    expect([0, 1, 50, 51].map((value) => faultOf(steps, value)?.key)).toEqual([
      'editor.least',
      undefined,
      undefined,
      'editor.most',
    ]);
    expect(faultOf(steps, 1.5)?.key).toBe('editor.fault_whole');
  });

  it('is one of its choices', () => {
    const fit = param('fit', 'choice', { choices: [{ value: 'cover', title: { en: 'c', zh: 'c' } }] });
    expect(faultOf(fit, 'cover')).toBeNull();
    expect(faultOf(fit, 'stretch')?.key).toBe('editor.fault_choice');
  });

  it('counts characters as people do', () => {
    const short = param('s', 'text', { max_length: 2 });
    expect(faultOf(short, '🙂🙂')).toBeNull();
    expect(faultOf(short, '三个字')?.key).toBe('editor.fault_long');
  });
});
