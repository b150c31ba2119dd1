// The editor's keys as data: what the handler obeys and the help sheet lists.
import type { PlainKey } from '../../i18n';

const APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function metaKey(): string {
  return APPLE ? '⌘' : 'Ctrl ';
}

export type Verb =
  | 'run'
  | 'save'
  | 'undo'
  | 'redo'
  | 'selectAll'
  | 'duplicate'
  | 'remove'
  | 'search'
  | 'help'
  | 'connect'
  | 'open'
  | 'arrange'
  | 'fit'
  | 'zoomIn'
  | 'zoomOut'
  | 'gates'
  | 'palette'
  | 'inspector'
  | 'drawer'
  | 'deselect';

export interface Shortcut {
  readonly verb: Verb;
  /** As `KeyboardEvent.key`, lower case for letters. */
  readonly key: string;
  readonly meta?: boolean;
  readonly shift?: boolean;
  /** Works while a person types in a field. */
  readonly typing?: boolean;
  readonly word: PlainKey;
  /** Another way to the same verb: obeyed, not listed. */
  readonly quiet?: boolean;
}

export const SHORTCUTS: readonly Shortcut[] = [
  { verb: 'run', key: 'Enter', meta: true, typing: true, word: 'editor.key_run' },
  { verb: 'search', key: '/', word: 'editor.key_search' },
  { verb: 'undo', key: 'z', meta: true, word: 'editor.undo' },
  { verb: 'redo', key: 'z', meta: true, shift: true, word: 'editor.redo' },
  { verb: 'redo', key: 'y', meta: true, word: 'editor.redo', quiet: true },
  { verb: 'save', key: 's', meta: true, typing: true, word: 'editor.key_save' },
  { verb: 'selectAll', key: 'a', meta: true, word: 'editor.key_select_all' },
  { verb: 'duplicate', key: 'd', meta: true, word: 'common.duplicate' },
  { verb: 'remove', key: 'Delete', word: 'common.delete' },
  { verb: 'remove', key: 'Backspace', word: 'common.delete', quiet: true },
  { verb: 'open', key: 'Enter', word: 'editor.key_open' },
  { verb: 'connect', key: 'c', word: 'editor.connect_to' },
  { verb: 'arrange', key: 'l', word: 'editor.arrange' },
  { verb: 'fit', key: 'f', word: 'editor.zoom_fit' },
  { verb: 'zoomIn', key: '+', word: 'editor.zoom_in' },
  { verb: 'zoomIn', key: '=', word: 'editor.zoom_in', quiet: true },
  { verb: 'zoomOut', key: '-', word: 'editor.zoom_out' },
  { verb: 'gates', key: 'g', word: 'editor.show_gates' },
  { verb: 'palette', key: '[', word: 'editor.fold_palette' },
  { verb: 'inspector', key: ']', word: 'editor.fold_inspector' },
  { verb: 'drawer', key: '`', word: 'editor.fold_drawer' },
  { verb: 'deselect', key: 'Escape', word: 'editor.key_deselect' },
  { verb: 'help', key: '?', word: 'app.shortcut_help' },
];

export interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

export function shortcutFor(pressed: Pressed, typing: boolean): Shortcut | undefined {
  if (pressed.altKey) return undefined;
  const meta = pressed.ctrlKey || pressed.metaKey;
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
  return SHORTCUTS.find(
    (shortcut) =>
      shortcut.key === key &&
      (shortcut.meta ?? false) === meta &&
      // Shift is part of the character for `?` and `+`; for letters it tells undo from redo.
      (!meta || (shortcut.shift ?? false) === pressed.shiftKey) &&
      (!typing || shortcut.typing === true),
  );
}
