import { describe, expect, it } from 'vitest';

import { gate } from '../document/testing';
import { ANY_MODEL, ANY_PERSON, askedOf, type Choice, choicesOf } from './choices';

const [own, anyPerson, anyModel] = choicesOf([gate()]) as [Choice, Choice, Choice];

describe('what can be tried', () => {
  it('is each gate, and whatever goes to a person or a model', () => {
    expect([own.value, anyPerson.value, anyModel.value]).toEqual([gate().id, ANY_PERSON, ANY_MODEL]);
  });

  it('is no gate whose media or sink cannot be tried', () => {
    const gates = [gate({ media: 'document' }), gate({ sink: 'outside' }), gate({ sink: 'store' })];
    expect(choicesOf(gates)).toHaveLength(2);
  });

  it('is text for a gate of data', () => {
    expect(choicesOf([gate({ media: 'json' })])[0]?.kind).toBe('text');
  });

  it('is what passes there', () => {
    expect(choicesOf([gate({ media: 'image' })])[0]?.kind).toBe('image');
    expect(choicesOf([gate({ media: 'audio' })])[0]?.kind).toBe('audio');
  });
});

describe('what is asked', () => {
  it('names whose bytes pass the gate, as the gate does', () => {
    expect(askedOf(own)).toEqual({ sink: 'person', sources: ['model', 'user'] });
  });

  it('leaves the sources to the server where no gate says them', () => {
    expect(askedOf(anyPerson)).toEqual({ sink: 'person' });
    expect(askedOf(anyModel)).toEqual({ sink: 'model' });
    expect(askedOf({ ...own, sources: [] })).not.toHaveProperty('sources');
  });
});
