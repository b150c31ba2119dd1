import { beforeEach, describe, expect, it } from 'vitest';

import type { Argument } from '../../api/types';
import { recallInputs, setInput, useInputs, valuesOf } from './inputs';

const argument = (name: string, type: Argument['type'], fallback: Argument['default']): Argument => ({
  name,
  type,
  title: name,
  node: name,
  required: true,
  default: fallback,
  multiline: false,
  minimum: null,
  maximum: null,
});
const inputs = [argument('question', 'text', 'why?'), argument('count', 'number', 3)];

beforeEach(() => {
  localStorage.clear();
  recallInputs('w');
});

describe('the inputs of a run', () => {
  it('are the defaults until a person fills them in, and then remembered for the workflow', () => {
    expect(valuesOf(inputs, useInputs.getState().filled)).toEqual({ question: 'why?', count: 3 });
    setInput('w', 'question', 'how?');
    recallInputs('other');
    expect(valuesOf(inputs, useInputs.getState().filled).question).toBe('why?');
    recallInputs('w');
    expect(valuesOf(inputs, useInputs.getState().filled).question).toBe('how?');
  });

  it('forget a value that no longer fits its type', () => {
    setInput('w', 'count', 'three');
    expect(valuesOf(inputs, useInputs.getState().filled).count).toBe(3);
  });

  it('survive a storage that holds nonsense', () => {
    for (const nonsense of ['{', 'null', '[1]', '"x"']) {
      localStorage.setItem('sluiceway.inputs.w', nonsense);
      recallInputs('w');
      expect(useInputs.getState().filled).toEqual({});
    }
  });

  it('drop a problem once its value is changed', () => {
    useInputs.setState({ problems: { question: 'missing', count: 'missing' } });
    setInput('w', 'question', 'x');
    expect(useInputs.getState().problems).toEqual({ count: 'missing' });
  });
});
