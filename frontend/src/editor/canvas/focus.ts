// Shows one node: selected, in the middle of the canvas. Whoever lists nodes need not know the canvas.
import { useDocument } from '../document/store';
import { setUi } from '../state/ui';

const listeners = new Set<(node: string) => void>();

export function focusNode(node: string): void {
  useDocument.getState().select([node]);
  setUi({ inspector: true, tab: 'settings' });
  listeners.forEach((listener) => listener(node));
}

export function onFocusNode(listener: (node: string) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
