import { describe, expect, it } from 'vitest';
import type { Argument } from '../../api/types';
import { makeI18n } from '../../i18n';
import { defaultsOf, problemsFrom, problemsOf, toSend } from './inputs';

const input = (change: Partial<Argument>): Argument => ({
  name: 'question',
  type: 'text',
  title: 'Question',
  node: 'n',
  required: true,
  default: null,
  multiline: false,
  minimum: null,
  maximum: null,
  ...change,
});
const en = makeI18n('en');

it('begins with the defaults, and with empty fields where there are none', () => {
  const inputs = [
    input({ name: 'tone', default: 'kind' }),
    input({}),
    input({ name: 'photo', type: 'image' }),
    input({ name: 'loud', type: 'boolean' }),
    input({ name: 'size', type: 'number', default: 0 }),
  ];
  expect(defaultsOf(inputs)).toEqual({ tone: 'kind', question: '', photo: null, loud: false, size: 0 });
});

describe('what is wrong with a value', () => {
  const number = input({ name: 'n', type: 'number', minimum: 1, maximum: 9 });
  it.each<[string, Argument, string | number | null, string | undefined]>([
    ['a missing text', input({}), '', 'Please fill this in.'],
    ['a text of spaces', input({}), '  \n', 'Please fill this in.'],
    ['an optional text', input({ required: false }), '', undefined],
    ['a missing picture', input({ name: 'p', type: 'image' }), null, 'Please fill this in.'],
    ['a number inside', number, 9, undefined],
    ['a number beneath', number, 0, 'Between 1 and 9'],
    ['a number above', { ...number, minimum: null }, 10, 'At most 9'],
    ['zero, which is not nothing', { ...number, minimum: null }, 0, undefined],
  ])('%s', (_what, argument, value, problem) => {
    expect(problemsOf(en, [argument], { [argument.name]: value })[argument.name]).toBe(problem);
  });
});

it('leaves out what was left empty, so that the workflow’s own default stands', () => {
  expect(toSend({ a: null, b: '', c: 0, d: false })).toEqual({ b: '', c: 0, d: false });
});

it('puts the server’s complaints beside the inputs that they are about', () => {
  const issue = {
    code: 'input_required',
    message: { en: 'Question is needed.', zh: '需要填写问题。' },
    hint: null,
    node: 'n',
    port: null,
    edge: null,
    severity: 'error',
  } as const;
  expect(
    problemsFrom(makeI18n('zh'), [
      { ...issue, param: 'question' },
      { ...issue, param: null },
    ]),
  ).toEqual({
    question: '需要填写问题。',
  });
});
