// The top bar belongs to the shell; a page fills its two sides from inside with <TopBar>.
import { createContext, use, useEffect, type ReactNode } from 'react';
import { createPortal } from 'react-dom';

export interface TopBarSlots {
  readonly left: HTMLElement | null;
  readonly right: HTMLElement | null;
}

export const TopBarContext = createContext<TopBarSlots>({ left: null, right: null });

interface TopBarProps {
  /** What this place is: also the browser tab's title. */
  readonly title: string;
  /** Stands after the logo, in place of the plain title. */
  readonly left?: ReactNode;
  /** Stands before the person's menu: the page's own actions. */
  readonly right?: ReactNode;
}

export function TopBar({ title, left, right }: TopBarProps) {
  const slots = use(TopBarContext);
  useEffect(() => {
    document.title = `${title} · Sluiceway`;
    return () => {
      document.title = 'Sluiceway';
    };
  }, [title]);
  return (
    <>
      {slots.left && createPortal(left ?? <h1>{title}</h1>, slots.left)}
      {slots.right && right !== undefined && createPortal(right, slots.right)}
    </>
  );
}
