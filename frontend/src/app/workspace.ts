// Which workspace the person is in: remembered, and always one that they are still a member of.
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { useSession } from '../api/session';
import type { Id, Workspace } from '../api/types';

interface Choice {
  chosen: Id | null;
  choose: (id: Id) => void;
}

export const useWorkspaceChoice = create<Choice>()(
  persist((set) => ({ chosen: null, choose: (id) => set({ chosen: id }) }), { name: 'sluiceway.workspace' }),
);

export function useWorkspace(): Workspace | undefined {
  const { data: session } = useSession();
  const chosen = useWorkspaceChoice((state) => state.chosen);
  const workspaces = session?.workspaces ?? [];
  return workspaces.find((workspace) => workspace.id === chosen) ?? workspaces[0];
}
