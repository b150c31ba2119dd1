// Asks the server about the draft a moment after each edit; only the answer to the last question counts.
import { useEffect } from 'react';

import type { Id } from '../../api/types';
import { compileGraph } from '../../api/workflows';
import type { Graph } from '../document/graph';
import { useDocument } from '../document/store';
import { acceptPreview, compiledPart, resetPreview, usePreview } from './store';

const PAUSE = 250;
const AGAIN = 4_000;

export function usePreviewLoop(workflow: Id, workspace: Id): void {
  useEffect(() => {
    if (workspace === '') return undefined;
    resetPreview();
    return followDraft({ id: workflow, workspace });
  }, [workflow, workspace]);
}

/** Returns the way to stop. */
function followDraft(workflow: { id: Id; workspace: Id }): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let aborter = new AbortController();
  let asked = '';

  const ask = async (graph: Graph): Promise<void> => {
    aborter = new AbortController();
    const { signal } = aborter;
    try {
      const { issues, plan } = await compileGraph(workflow, graph, { signal });
      if (!signal.aborted) acceptPreview(issues, plan);
    } catch {
      if (signal.aborted) return;
      // Offline, or a server between two starts: what is drawn stays, and the question is asked again.
      usePreview.setState({ state: 'unreachable' });
      timer = setTimeout(() => void ask(graph), AGAIN);
    }
  };
  const look = (graph: Graph, pause: number): void => {
    const part = compiledPart(graph);
    if (part === asked) return;
    asked = part;
    clearTimeout(timer);
    aborter.abort();
    usePreview.setState({ state: 'checking' });
    timer = setTimeout(() => void ask(graph), pause);
  };

  look(useDocument.getState().history.doc, 0);
  const leave = useDocument.subscribe((state, before) => {
    if (state.history.doc !== before.history.doc) look(state.history.doc, PAUSE);
  });
  return () => {
    leave();
    clearTimeout(timer);
    aborter.abort();
  };
}
