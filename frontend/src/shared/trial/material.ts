// What is tried: a text, a picture or a sound. Pure.
import type { Id, WhatIf } from '../../api/types';

export type Kind = 'text' | 'image' | 'audio';

export interface Material {
  readonly kind: Kind;
  readonly text: string;
  /** A picture, and a sound: both stay while the other is tried. */
  readonly asset: Id | null;
  readonly sound: Id | null;
}

export const NOTHING: Material = { kind: 'text', text: '', asset: null, sound: null };

/** What is sent of it; null while there is nothing to try. */
export function sentOf({ text, asset, sound }: Material, kind: Kind): Pick<WhatIf, 'text' | 'asset'> | null {
  if (kind === 'text') return text.trim() === '' ? null : { text };
  const file = kind === 'image' ? asset : sound;
  return file === null ? null : { asset: file };
}
