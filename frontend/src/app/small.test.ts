import { expect, it } from 'vitest';
import { shortId } from '../pages/runs/RunBar';
import { isServers, safeNext } from '../pages/signIn/SignInPage';
import { initials } from './AccountMenu';
import { isEditor } from './places';

it.each([
  ['Li Ming', 'LM'],
  ['admin', 'A'],
  ['ada king lovelace', 'AL'],
  ['王小明', '明'],
  ['  ', ''],
])('the initials of %j are %j', (name, expected) => {
  expect(initials(name)).toBe(expected);
});

it.each([
  ['/runs?x=1', '/runs?x=1'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['/.//evil.example', '/'],
  ['/console/runs/?x=1#y', '/console/runs/?x=1#y'],
  [null, '/'],
])('after signing in, %j leads to %j', (next, expected) => {
  expect(safeNext(next)).toBe(expected);
});

it.each([
  ['/console/', true],
  ['/api/docs/', true],
  ['/apiary', false],
  ['/runs', false],
])('the server itself draws %s: %s', (path, expected) => {
  expect(isServers(path)).toBe(expected);
});

it.each([
  ['/workflows/abc', true],
  ['/workflows/abc/app', false],
  ['/workflows', false],
  ['/runs/abc', false],
])('the address %s is the editor: %s', (path, expected) => {
  expect(isEditor(path)).toBe(expected);
});

it('names a run by the tail of its id', () => {
  expect(shortId('01930000-0000-7000-8000-0000000000a1')).toBe('00a1');
});
