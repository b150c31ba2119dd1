import { describe, expect, it } from 'vitest';

import { type Pressed, SHORTCUTS, shortcutFor } from './keys';

const press = (key: string, more: Partial<Pressed> = {}): Pressed => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

describe('shortcuts', () => {
  it('tell undo from redo by shift, with either command key', () => {
    expect(shortcutFor(press('z', { ctrlKey: true }), false)?.verb).toBe('undo');
    expect(shortcutFor(press('Z', { metaKey: true, shiftKey: true }), false)?.verb).toBe('redo');
  });

  it('leave a person who types alone, except to run and save', () => {
    const verbs = SHORTCUTS.filter((shortcut) =>
      shortcutFor(
        press(shortcut.key, { ctrlKey: shortcut.meta ?? false, shiftKey: shortcut.shift ?? false }),
        true,
      ),
    ).map((shortcut) => shortcut.verb);
    expect(verbs).toEqual(['run', 'save']);
  });

  it('find characters that need shift on some keyboards', () => {
    expect(shortcutFor(press('?', { shiftKey: true }), false)?.verb).toBe('help');
    expect(shortcutFor(press('+', { shiftKey: true }), false)?.verb).toBe('zoomIn');
  });

  it('never share a key', () => {
    const keys = SHORTCUTS.map(({ key, meta, shift }) => [key, meta, shift].join());
    expect(new Set(keys).size).toBe(keys.length);
  });
});
