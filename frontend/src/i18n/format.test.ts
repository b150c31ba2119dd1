import { describe, expect, it } from 'vitest';
import { makeFormat } from './format';

const en = makeFormat('en');
const zh = makeFormat('zh');
/** Intl separates with several kinds of space; people see one. */
const plain = (text: string) => text.replace(/[\u00a0\u202f\u2009]/g, ' ');

describe('durations', () => {
  it.each([
    [0, '<0.01 s'],
    [0.034, '0.03 s'],
    [0.46, '0.5 s'],
    [2.84, '2.8 s'],
    [2, '2.0 s'],
    [59.97, '1 min 0 s'],
    [72, '1 min 12 s'],
    [7_500, '2 h 5 min'],
  ])('write %f seconds as %s', (seconds, text) => {
    expect(plain(en.duration(seconds))).toBe(text);
  });

  it('are written the Chinese way in Chinese', () => {
    expect(plain(zh.duration(2.84))).toBe('2.8 秒');
  });
});

describe('sizes', () => {
  it.each([
    [0, '0 byte'],
    [999, '999 byte'],
    [98_362_432, '98.4 MB'],
    [1_500_000_000, '1.5 GB'],
    [152_000, '152 kB'],
  ])('write %d bytes as %s', (bytes, text) => {
    expect(plain(en.bytes(bytes))).toBe(text);
  });
});

describe('moments', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  it.each([
    ['2026-11-23T11:59:57Z', 'now', '现在'],
    ['2026-11-23T11:55:00Z', '5 minutes ago', '5分钟前'],
    ['2026-11-22T11:00:00Z', 'yesterday', '昨天'],
    ['2026-08-01T00:00:00Z', '3 months ago', '3个月前'],
  ])('tell how long ago %s was', (iso, english, chinese) => {
    expect([en.ago(iso, now), plain(zh.ago(iso, now))]).toEqual([english, chinese]);
  });
});

it('joins lists as the language does', () => {
  expect([en.list(['a', 'b', 'c']), zh.list(['甲', '乙'])]).toEqual(['a, b and c', '甲和乙']);
});
