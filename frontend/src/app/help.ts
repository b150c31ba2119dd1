// Whether the keyboard help is open.
import { create } from 'zustand';

interface Help {
  opened: boolean;
  open: () => void;
  close: () => void;
}

export const useHelp = create<Help>()((set) => ({
  opened: false,
  open: () => set({ opened: true }),
  close: () => set({ opened: false }),
}));
