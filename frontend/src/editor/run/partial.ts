// A run up to one node: what it asks for is the server's answer about that part of the drawing.
import { create } from 'zustand';

import type { Argument } from '../../api/types';

interface Partial {
  /** The node at which the run ends; null while the form is about the whole drawing. */
  readonly to: string | null;
  readonly inputs: readonly Argument[];
}

const WHOLE: Partial = { to: null, inputs: [] };

export const usePartial = create<Partial>()(() => WHOLE);

export function askFor(to: string, inputs: readonly Argument[]): void {
  usePartial.setState({ to, inputs });
}

export function askForTheWhole(): void {
  usePartial.setState(WHOLE);
}
