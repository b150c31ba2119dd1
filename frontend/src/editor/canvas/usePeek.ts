// A card that opens while the pointer or the focus is on something, and stays while the pointer is on the card itself.
import { type FocusEvent, type PointerEvent, useEffect, useRef, useState } from 'react';

/** Milliseconds: long enough not to flicker on the way past, and to reach the card. */
const OPENS = 150;
const SHUTS = 220;

export interface Peek {
  readonly open: boolean;
  /** For what is looked at. */
  readonly on: {
    readonly onPointerEnter: (event: PointerEvent) => void;
    readonly onPointerLeave: () => void;
    readonly onFocus: (event: FocusEvent) => void;
    readonly onBlur: () => void;
  };
  /** For the card. */
  readonly card: { readonly onPointerEnter: () => void; readonly onPointerLeave: () => void };
  /** Shut now, and stay shut until the pointer or the focus comes anew. */
  readonly shut: () => void;
}

export function usePeek(): Peek {
  const [open, setOpen] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const quiet = useRef(false);
  const onCard = useRef(false);
  useEffect(() => () => clearTimeout(timer.current), []);
  const turn = (to: boolean, after: number): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setOpen(to), after);
  };
  return {
    open,
    on: {
      onPointerEnter: ({ pointerType, buttons }) => {
        // A finger has its tap, and what is dragged past looks at nothing.
        if (pointerType === 'touch' || buttons !== 0) return;
        quiet.current = false;
        turn(true, OPENS);
      },
      onPointerLeave: () => turn(false, SHUTS),
      onFocus: ({ currentTarget }) => {
        // Only the keyboard's: a press opens the card for good, and closing it gives the focus back.
        if (!quiet.current && currentTarget.matches(':focus-visible')) turn(true, 0);
      },
      onBlur: () => {
        quiet.current = false;
        // A press on the card takes the focus from what is looked at.
        if (!onCard.current) turn(false, 0);
      },
    },
    card: {
      onPointerEnter: () => {
        onCard.current = true;
        turn(true, 0);
      },
      onPointerLeave: () => {
        onCard.current = false;
        turn(false, SHUTS);
      },
    },
    shut: () => {
      quiet.current = true;
      clearTimeout(timer.current);
      setOpen(false);
    },
  };
}
