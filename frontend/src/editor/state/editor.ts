// Which workflow is open, and the catalog of node types that it is drawn with.
import { create } from 'zustand';

import type { Id } from '../../api/types';
import { type Catalog, EMPTY_CATALOG, type NodeSpec } from '../document/spec';

interface EditorState {
  readonly workflow: Id;
  readonly workspace: Id;
  readonly name: string;
  readonly description: string;
  readonly catalog: Catalog;
}

export const useEditor = create<EditorState>()(() => ({
  workflow: '',
  workspace: '',
  name: '',
  description: '',
  catalog: EMPTY_CATALOG,
}));

export function useSpec(type: string | undefined): NodeSpec | undefined {
  return useEditor((state) => (type === undefined ? undefined : state.catalog.specs.get(type)));
}

export function currentCatalog(): Catalog {
  return useEditor.getState().catalog;
}
