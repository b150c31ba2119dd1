import { beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../api/errors';
import type { DraftConflict, DraftSaved } from '../../api/types';
import type { Graph } from '../document/graph';
import { graph, node } from '../document/testing';
import { makeAutosaver, type SaveStatus } from './autosaver';

const draft = (id: string): Graph => graph([node(id, 'input.text')]);

/** A server that keeps one draft, with revisions, as the real one does. */
function makeServer() {
  const state = { revision: 3, graph: draft('first'), offline: false, saves: 0, gate: Promise.resolve() };
  const save = async (base: number, next: Graph): Promise<DraftSaved> => {
    state.saves += 1;
    await state.gate;
    if (state.offline) throw new ApiError(0, 'unreachable', 'no');
    const { revision, graph: current } = state;
    const theirs: DraftConflict = { revision, graph: current, saved: 'then', by: 'Lin' };
    if (base !== revision) throw new ApiError(409, 'revision_conflict', 'newer', null, [], theirs);
    state.revision += 1;
    state.graph = next;
    return { revision: state.revision, saved: 'now' };
  };
  return { state, save };
}

function open(server: ReturnType<typeof makeServer>, revision = 3) {
  const seen: { status: SaveStatus | null; kept: unknown } = { status: null, kept: null };
  const saver = makeAutosaver({
    revision,
    save: server.save,
    onStatus: (status) => (seen.status = status),
    keep: (unsaved) => (seen.kept = unsaved),
  });
  return { saver, seen };
}

beforeEach(() => {
  vi.useFakeTimers();
});

describe('the autosaver', () => {
  it('saves once after a burst of edits, and keeps them in the browser until then', async () => {
    const server = makeServer();
    const { saver, seen } = open(server);
    saver.edited(draft('a'));
    saver.edited(draft('b'));
    expect(seen.status?.state).toBe('edited');
    expect(seen.kept).toEqual({ base: 3, graph: draft('b') });
    await vi.runAllTimersAsync();
    expect(server.state.saves).toBe(1);
    expect(server.state.graph).toEqual(draft('b'));
    expect(seen.status).toMatchObject({ state: 'saved', revision: 4 });
    expect(seen.kept).toBeNull();
  });

  it('saves an edit that came while a request was away', async () => {
    const server = makeServer();
    const { saver, seen } = open(server);
    let release = (): void => undefined;
    server.state.gate = new Promise((resolve) => (release = resolve));
    saver.edited(draft('a'));
    const flushed = saver.flush();
    saver.edited(draft('b'));
    const again = saver.flush();
    release();
    expect(await Promise.all([flushed, again])).toEqual([true, true]);
    expect(server.state.saves).toBe(2);
    expect(server.state.graph).toEqual(draft('b'));
    expect(seen.status).toMatchObject({ state: 'saved', revision: 5 });
  });

  it('never writes over a revision that it has not seen, and says who wrote it', async () => {
    const server = makeServer();
    const { saver, seen } = open(server);
    server.state.revision = 7;
    server.state.graph = draft('theirs');
    saver.edited(draft('mine'));
    expect(await saver.flush()).toBe(false);
    expect(server.state.graph).toEqual(draft('theirs'));
    expect(seen.status).toMatchObject({ state: 'conflict', conflict: { by: 'Lin', revision: 7 } });
    saver.edited(draft('mine still'));
    await vi.runAllTimersAsync();
    expect(server.state.graph).toEqual(draft('theirs'));
    expect(seen.kept).toEqual({ base: 3, graph: draft('mine still') });
  });

  it('puts ours on top when a person says so', async () => {
    const server = makeServer();
    const { saver, seen } = open(server, 1);
    saver.edited(draft('mine'));
    await saver.flush();
    expect(await saver.keepMine()).toBe(true);
    expect(server.state.graph).toEqual(draft('mine'));
    expect(seen.status).toMatchObject({ state: 'saved', revision: 4, conflict: null });
  });

  it('goes on from theirs when a person says so', async () => {
    const server = makeServer();
    const { saver, seen } = open(server, 1);
    saver.edited(draft('mine'));
    await saver.flush();
    saver.tookTheirs(3);
    expect(seen.status).toMatchObject({ state: 'saved', revision: 3 });
    expect(seen.kept).toBeNull();
    saver.edited(draft('on top'));
    await vi.runAllTimersAsync();
    expect(server.state.graph).toEqual(draft('on top'));
  });

  it('tries again by itself when the server comes back', async () => {
    const server = makeServer();
    server.state.offline = true;
    const { saver, seen } = open(server);
    saver.edited(draft('a'));
    expect(await saver.flush()).toBe(false);
    expect(seen.status?.state).toBe('offline');
    expect(seen.kept).not.toBeNull();
    server.state.offline = false;
    await vi.runAllTimersAsync();
    expect(seen.status?.state).toBe('saved');
    expect(server.state.graph).toEqual(draft('a'));
  });
});
