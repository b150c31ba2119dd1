// Joins the document to the server: what is saved, what is not, and what to do when two tabs wrote.
import { create } from 'zustand';

import type { Workflow } from '../../api/types';
import { saveDraft } from '../../api/workflows';
import { useDocument } from '../document/store';
import { type Autosaver, makeAutosaver, type SaveStatus } from './autosaver';
import { keepUnsaved, readUnsaved } from './unsaved';

export const useSave = create<SaveStatus>()(() => ({
  state: 'saved',
  revision: 0,
  conflict: null,
  reason: null,
}));

let saver: Autosaver | null = null;

/** Opens a document that this person may only look at: nothing is ever saved. */
export function openLocked(workflow: Workflow): () => void {
  useSave.setState({ state: 'saved', revision: workflow.revision, conflict: null, reason: null });
  useDocument.getState().load(workflow.graph, true);
  return () => undefined;
}

/** Opens the document in the store and saves every edit from then on; returns the way to stop. */
export function openDocument(workflow: Workflow): () => void {
  const unsaved = readUnsaved(workflow.id);
  const current = makeAutosaver({
    // The base of what was kept: if the server has moved on since, the first save says so.
    revision: unsaved?.base ?? workflow.revision,
    save: (base, graph) => saveDraft(workflow.id, base, graph),
    onStatus: (status) => useSave.setState(status),
    keep: (kept) => keepUnsaved(workflow.id, kept),
  });
  saver = current;
  useSave.setState({ state: 'saved', revision: workflow.revision, conflict: null, reason: null });
  useDocument.getState().load(unsaved?.graph ?? workflow.graph);
  if (unsaved) {
    current.edited(unsaved.graph);
    void current.flush();
  }
  const leave = useDocument.subscribe((state, before) => {
    if (state.history.doc !== before.history.doc && !taking) current.edited(state.history.doc);
  });
  return () => {
    leave();
    // A page that is left inside the app still saves what was typed last.
    void current.flush();
    if (saver === current) saver = null;
  };
}

export function saveNow(): Promise<boolean> {
  return saver?.flush() ?? Promise.resolve(false);
}

export function keepMine(): Promise<boolean> {
  return saver?.keepMine() ?? Promise.resolve(false);
}

let taking = false;

export function takeTheirs(): void {
  const { conflict } = useSave.getState();
  if (!conflict) return;
  // Loading their document is no edit of ours.
  taking = true;
  useDocument.getState().load(conflict.graph);
  taking = false;
  saver?.tookTheirs(conflict.revision);
}
