import { describe, expect, it } from 'vitest';
import { makeI18n } from '.';
import { en } from './en';
import { fill, placeholders, type Message } from './message';
import { zh } from './zh';

type Dictionary = Record<string, Record<string, Message>>;
const areas = Object.keys(en);
const messages = (dictionary: Dictionary) =>
  Object.entries(dictionary).flatMap(([area, entries]) =>
    Object.entries(entries).map(([key, message]) => ({ key: `${area}.${key}`, message })),
  );
const at = (dictionary: Dictionary, key: string) => {
  const [area = '', name = ''] = key.split('.');
  return dictionary[area]?.[name];
};

const sameNames = (a: Set<string>, b: Set<string>) => [...a].sort().join() === [...b].sort().join();

describe('the two dictionaries', () => {
  it('have the same areas and the same keys in the same order', () => {
    expect(Object.keys(zh)).toEqual(areas);
    expect(messages(zh).map(({ key }) => key)).toEqual(messages(en).map(({ key }) => key));
    expect(messages(en).length).toBeGreaterThan(200);
  });

  it('put the same values into each message', () => {
    const apart = messages(en).filter(({ key, message }) => {
      const other = at(zh, key);
      return other === undefined || !sameNames(placeholders(other), placeholders(message));
    });
    expect(apart).toEqual([]);
  });

  it('leave nothing empty', () => {
    const empty = [...messages(en), ...messages(zh)].filter(({ message }) =>
      (typeof message === 'string' ? [message] : [message.one ?? '…', message.other]).some(
        (form) => form.trim() === '',
      ),
    );
    expect(empty).toEqual([]);
  });

  it('speak Chinese in the Chinese one, but for names and figures', () => {
    const withoutHan = messages(zh).filter(
      ({ message }) => !/\p{Script=Han}/u.test(typeof message === 'string' ? message : message.other),
    );
    const wordy = withoutHan.filter(({ message }) =>
      /[A-Za-z]{4,}/.test(
        (typeof message === 'string' ? message : message.other).replace(/\{\w+\}|Sluiceway/g, ''),
      ),
    );
    expect(wordy).toEqual([]);
  });
});

describe('a message', () => {
  it('takes its values, and numbers as the language writes them', () => {
    expect(fill('{done} of {total} bytes', { done: 1200, total: 56000 }, 'en')).toBe('1,200 of 56,000 bytes');
  });

  it('leaves a doubled brace alone: that is the syntax of prompts', () => {
    expect(fill('Write {{name}} for {name}', { name: 'a port' }, 'en')).toBe('Write {{name}} for a port');
  });

  it('follows the count in English and has one form in Chinese', () => {
    const english = { one: '{count} node', other: '{count} nodes' };
    expect([0, 1, 2].map((count) => fill(english, { count }, 'en'))).toEqual([
      '0 nodes',
      '1 node',
      '2 nodes',
    ]);
    expect(fill({ other: '{count} 个节点' }, { count: 1 }, 'zh')).toBe('1 个节点');
  });

  it('picks the language of what the server says', () => {
    const words = { en: 'Upscale', zh: '放大' };
    expect([makeI18n('en').words(words), makeI18n('zh').words(words)]).toEqual(['Upscale', '放大']);
  });
});
