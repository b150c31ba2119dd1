// The list of the editor's keys, behind `?`.
import { Kbd, Modal } from '@mantine/core';

import { useHelp } from '../../app/help';
import { useI18n } from '../../i18n';
import { metaKey, SHORTCUTS, type Shortcut } from './keys';
import classes from './ShortcutSheet.module.css';

const NAMES: Readonly<Record<string, string>> = { Enter: '↵', Delete: 'Del', Escape: 'Esc', Backspace: '⌫' };

export function ShortcutSheet() {
  const { t } = useI18n();
  const { opened, close } = useHelp();
  const pointer = [
    ['editor.pointer_drag', 'editor.pointer_drag_does'],
    ['editor.pointer_wire', 'editor.pointer_wire_does'],
    ['editor.pointer_double', 'editor.pointer_double_does'],
    ['editor.pointer_shift', 'editor.pointer_shift_does'],
    ['editor.pointer_arrows', 'editor.pointer_arrows_does'],
    ['editor.pointer_clipboard', 'editor.pointer_clipboard_does'],
  ] as const;
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('app.help')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <dl className={classes.list} data-testid="shortcuts">
        {SHORTCUTS.filter((shortcut) => !shortcut.quiet).map((shortcut) => (
          <div key={`${shortcut.verb} ${shortcut.key}`}>
            <dt>{t(shortcut.word)}</dt>
            <dd>
              <Kbd>{keysOf(shortcut)}</Kbd>
            </dd>
          </div>
        ))}
        {pointer.map(([how, what]) => (
          <div key={how}>
            <dt>{t(what)}</dt>
            <dd>{t(how)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}

function keysOf({ key, meta, shift }: Shortcut): string {
  const name = NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  return `${meta ? metaKey() : ''}${shift ? '⇧ ' : ''}${name}`;
}
