import { describe, expect, it } from 'vitest';

import { gate } from '../document/testing';
import { ANY_MODEL, ANY_PERSON, bodyOf, type Choice, choicesOf } from './choices';

const draft = { kind: 'text', text: 'hello', asset: null, sound: null } as const;
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
});

describe('what is sent', () => {
  it('names whose bytes pass the gate, as the gate does', () => {
    expect(bodyOf(own, draft, 'w')).toEqual({
      text: 'hello',
      workflow: 'w',
      sink: 'person',
      sources: ['model', 'user'],
    });
  });

  it('leaves the sources to the server where no gate says them', () => {
    expect(bodyOf(anyModel, draft, 'w')).toEqual({ text: 'hello', workflow: 'w', sink: 'model' });
    expect(bodyOf({ ...own, sources: [] }, draft, 'w')).not.toHaveProperty('sources');
  });

  it('is the picture where pictures pass, whatever was typed', () => {
    const [pictures] = choicesOf([gate({ media: 'image' })]) as [Choice, Choice, Choice];
    expect(bodyOf(pictures, draft, 'w')).toBeNull();
    expect(bodyOf(pictures, { ...draft, asset: 'a' }, 'w')).toMatchObject({ asset: 'a' });
    expect(bodyOf(pictures, { ...draft, asset: 'a' }, 'w')).not.toHaveProperty('text');
  });

  it('is the sound where sounds pass, and no picture that was chosen before', () => {
    const [sounds] = choicesOf([gate({ media: 'audio' })]) as [Choice, Choice, Choice];
    expect(sounds.kind).toBe('audio');
    expect(bodyOf(sounds, { ...draft, asset: 'a' }, 'w')).toBeNull();
    expect(bodyOf(sounds, { ...draft, asset: 'a', sound: 's' }, 'w')).toMatchObject({ asset: 's' });
    expect(bodyOf(anyPerson, { ...draft, kind: 'audio', sound: 's' }, 'w')).toMatchObject({ asset: 's' });
  });

  it('is nothing while nothing is typed', () => {
    expect(bodyOf(anyPerson, { ...draft, text: '  \n' }, 'w')).toBeNull();
  });
});
