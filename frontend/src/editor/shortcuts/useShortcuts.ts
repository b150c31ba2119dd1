// Obeys the editor's keys, and the clipboard events that the browser makes of Ctrl+C, X and V.
import { useReactFlow } from '@xyflow/react';
import { useEffect } from 'react';

import { useHelp } from '../../app/help';
import * as actions from '../actions';
import { FIT, GLIDE } from '../canvas/fit';
import { openConnectMenu } from '../canvas/connectMenuStore';
import { useDocument } from '../document/store';
import { pressRun } from '../run/start';
import { saveNow } from '../save/store';
import { setUi, toggle, useUi } from '../state/ui';
import { shortcutFor, type Verb } from './keys';

export function useShortcuts(): void {
  const flow = useReactFlow();
  useEffect(() => {
    const verbs: Record<Verb, () => unknown> = {
      ...DOCUMENT_VERBS,
      arrange: async () => {
        await actions.arrangeNodes();
        await flow.fitView({ ...FIT, ...GLIDE });
      },
      fit: () => flow.fitView({ ...FIT, ...GLIDE }),
      zoomIn: () => flow.zoomIn(GLIDE),
      zoomOut: () => flow.zoomOut(GLIDE),
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isInDialog(event.target)) return;
      const shortcut = shortcutFor(event, isTyping(event.target));
      if (!shortcut || (shortcut.verb === 'open' && !isNode(event.target))) return;
      event.preventDefault();
      void verbs[shortcut.verb]();
    };
    window.addEventListener('keydown', onKey);
    const leave = listenToClipboard();
    return () => {
      window.removeEventListener('keydown', onKey);
      leave();
    };
  }, [flow]);
}

const DOCUMENT_VERBS = {
  run: () => pressRun(),
  save: saveNow,
  undo: () => useDocument.getState().undo(),
  redo: () => useDocument.getState().redo(),
  selectAll: actions.selectAll,
  duplicate: actions.duplicateSelection,
  remove: actions.removeSelection,
  search: () => {
    setUi({ palette: true });
    // The palette may have to be drawn first.
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-palette-search]')?.focus());
  },
  help: () => useHelp.getState().open(),
  connect: () => {
    const [node] = useDocument.getState().selection.nodes;
    if (node !== undefined && !useDocument.getState().locked) openConnectMenu(node);
  },
  open: () => {
    setUi({ inspector: true, tab: 'settings' });
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>('[data-inspector] :is(input, textarea, button)')?.focus(),
    );
  },
  gates: () => toggle('gates'),
  palette: () => toggle('palette'),
  inspector: () => toggle('inspector'),
  drawer: () => toggle('drawer'),
  deselect: () => {
    if (useUi.getState().openGate !== null) setUi({ openGate: null });
    else useDocument.getState().select([]);
  },
};

/** Copy, cut and paste by the system's own clipboard, as text that any other tab can read. */
function listenToClipboard(): () => void {
  const copy = (event: ClipboardEvent): void => {
    const text = isBusy(event) ? null : actions.copiedText();
    if (text === null) return;
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    if (event.type === 'cut') actions.removeSelection();
  };
  const paste = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (!isTyping(event.target) && !isInDialog(event.target) && actions.pasteText(text))
      event.preventDefault();
  };
  document.addEventListener('copy', copy);
  document.addEventListener('cut', copy);
  document.addEventListener('paste', paste);
  return () => {
    document.removeEventListener('copy', copy);
    document.removeEventListener('cut', copy);
    document.removeEventListener('paste', paste);
  };
}

/** A person copies words of the page, or types: then the clipboard is theirs. */
function isBusy(event: Event): boolean {
  const words = window.getSelection();
  return isTyping(event.target) || isInDialog(event.target) || (words !== null && !words.isCollapsed);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const field = target.closest('input, textarea, select');
  const isText =
    field instanceof HTMLInputElement ? !/^(checkbox|radio|range|button|file)$/.test(field.type) : field;
  return Boolean(isText) || target.isContentEditable;
}

function isInDialog(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"]') !== null;
}

function isNode(target: EventTarget | null): boolean {
  return target instanceof Element && target.classList.contains('react-flow__node');
}
