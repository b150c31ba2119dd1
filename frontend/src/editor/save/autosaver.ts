// Saves the draft a moment after the last edit: one request at a time, never over somebody else's revision,
// and what is not yet on the server is kept in the browser.
import { ApiError } from '../../api/errors';
import type { DraftConflict, DraftSaved } from '../../api/types';
import type { Graph } from '../document/graph';

export type SaveState = 'saved' | 'edited' | 'saving' | 'offline' | 'conflict' | 'refused';

export interface SaveStatus {
  readonly state: SaveState;
  readonly revision: number;
  readonly conflict: DraftConflict | null;
  /** Why the server refused, in its own words. */
  readonly reason: string | null;
}

export interface Autosaver {
  /** The document is now this; it is saved after a pause. */
  readonly edited: (graph: Graph) => void;
  /** Saves what is pending at once; true when the server then has it all. */
  readonly flush: () => Promise<boolean>;
  /** Ours becomes the next revision, over the one that came between. */
  readonly keepMine: () => Promise<boolean>;
  /** Theirs is what is open now; ours is let go. */
  readonly tookTheirs: (revision: number) => void;
  readonly stop: () => void;
}

export interface SaverParts {
  readonly revision: number;
  readonly save: (base: number, graph: Graph) => Promise<DraftSaved>;
  readonly onStatus: (status: SaveStatus) => void;
  /** Keeps what is not saved (null: everything is saved). */
  readonly keep: (unsaved: { base: number; graph: Graph } | null) => void;
}

const PAUSE = 700;
const FIRST_RETRY = 2_000;
const MOST_RETRY = 30_000;

export function makeAutosaver({ revision, save, onStatus, keep }: SaverParts): Autosaver {
  let base = revision;
  let pending: Graph | null = null;
  let running: Promise<boolean> | null = null;
  let conflict: DraftConflict | null = null;
  let retry = FIRST_RETRY;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = (state: SaveState, reason: string | null = null): void =>
    onStatus({ state, revision: base, conflict, reason });

  const later = (pause: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), pause);
  };

  const attempt = async (graph: Graph): Promise<boolean> => {
    tell('saving');
    try {
      const saved = await save(base, graph);
      base = saved.revision;
      retry = FIRST_RETRY;
      if (pending === graph) pending = null;
      keep(pending && { base, graph: pending });
      tell(pending ? 'edited' : 'saved');
      return true;
    } catch (error) {
      failed(error);
      return false;
    }
  };

  const failed = (error: unknown): void => {
    const known = error instanceof ApiError ? error : null;
    if (known?.current) {
      conflict = known.current;
      tell('conflict');
    } else if (known && known.status >= 400 && known.status < 500) {
      tell('refused', known.message);
    } else {
      tell('offline');
      later(retry);
      retry = Math.min(retry * 2, MOST_RETRY);
    }
  };

  const next = (): Graph | null => (conflict ? null : pending);
  const busy = (): Promise<boolean> | null => running;

  const flush = async (): Promise<boolean> => {
    clearTimeout(timer);
    // One request at a time: a second with the same base would look like somebody else's.
    for (let other = busy(); other; other = busy()) await other;
    // An edit may come while a request is away: then there is one more to make.
    for (let graph = next(); graph; graph = next()) {
      running = attempt(graph);
      const saved = await running;
      running = null;
      if (!saved) break;
    }
    return pending === null;
  };

  return {
    edited: (graph) => {
      pending = graph;
      keep({ base, graph });
      if (conflict) return;
      tell('edited');
      later(PAUSE);
    },
    flush,
    keepMine: () => {
      if (conflict) base = conflict.revision;
      conflict = null;
      return flush();
    },
    tookTheirs: (theirs) => {
      clearTimeout(timer);
      base = theirs;
      pending = null;
      conflict = null;
      keep(null);
      tell('saved');
    },
    stop: () => clearTimeout(timer),
  };
}
