// What a person has folded, opened and switched on; the lasting part is remembered by the browser.
import { create } from 'zustand';
import { persist } from 'zustand/middleware';

export type InspectorTab = 'settings' | 'run' | 'help';
export type DrawerTab = 'run' | 'problems' | 'try';

interface Lasting {
  readonly palette: boolean;
  readonly inspector: boolean;
  readonly drawer: boolean;
  readonly drawerHeight: number;
  readonly minimap: boolean;
  readonly gates: boolean;
  readonly closedGroups: readonly string[];
}

interface Passing {
  readonly tab: InspectorTab;
  readonly drawerTab: DrawerTab;
  readonly openGate: string | null;
}

export const DRAWER_LEAST = 120;
/** The six steps of a chat, and its answer, without scrolling. */
const DRAWER_FIRST = 268;

/** On a narrow desk the drawing and its run come first: panels begin folded, however a wide one was left. */
const NARROW = window.matchMedia('(max-width: 1100px)').matches;
const VERY_NARROW = window.matchMedia('(max-width: 900px)').matches;
const folded = {
  ...(NARROW ? { inspector: false } : {}),
  ...(VERY_NARROW ? { palette: false } : {}),
};

export const useUi = create<Lasting & Passing>()(
  persist(
    (): Lasting & Passing => ({
      palette: true,
      inspector: true,
      drawer: true,
      drawerHeight: DRAWER_FIRST,
      minimap: false,
      gates: true,
      closedGroups: [],
      tab: 'settings',
      drawerTab: 'run',
      openGate: null,
    }),
    {
      name: 'sluiceway.editor',
      version: 2,
      merge: (kept, first) => ({ ...first, ...(kept as Partial<Lasting> | undefined), ...folded }),
      migrate: (kept) => ({ ...(kept as Lasting), drawerHeight: DRAWER_FIRST }),
      // What is folded for want of room says nothing about a wide desk.
      partialize: ({ palette, inspector, drawer, drawerHeight, minimap, gates, closedGroups }) => ({
        ...(VERY_NARROW ? {} : { palette }),
        ...(NARROW ? {} : { inspector }),
        drawer,
        drawerHeight,
        minimap,
        gates,
        closedGroups,
      }),
    },
  ),
);

export function setUi(change: Partial<Lasting & Passing>): void {
  useUi.setState(change);
}

export function toggle(key: 'palette' | 'inspector' | 'drawer' | 'minimap' | 'gates'): void {
  useUi.setState((state) => ({ [key]: !state[key] }));
}
