// @vitest-environment node
// Against a real server on a real port: websockets by the `ws` package, event streams by Node itself.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket as ServerSocket } from 'ws';
import { event, RUN_ID } from '../testing/samples';
import { followRun, parseEvent, type StreamStatus } from './runStream';
import type { RunEvent } from './types';

const END = event(5, 'run.succeeded', {});
const DURABLE: readonly RunEvent[] = [
  event(1, 'run.queued', {}),
  event(2, 'run.running', {}),
  event(3, 'step.running', { step: 'llm', attempt: 1 }),
  event(4, 'step.done', { step: 'llm', seconds: 1, cost: null, error: null }),
  END,
];
const since = (after: number) => DURABLE.filter((one) => (one.seq ?? 0) > after);

type OnSocket = (socket: ServerSocket, after: number, visit: number) => void;
type OnStream = (response: ServerResponse, after: number, visit: number) => void;

let server: Server;
let sockets: WebSocketServer;
let onSocket: OnSocket | null;
let onStream: OnStream | null;
let asked: { way: 'ws' | 'sse'; after: number }[];

const afterOf = (request: IncomingMessage) =>
  Number(new URL(request.url ?? '', 'http://localhost').searchParams.get('after'));
const send = (socket: ServerSocket, events: readonly RunEvent[]) => {
  for (const one of events) socket.send(JSON.stringify(one));
};

beforeEach(async () => {
  asked = [];
  onSocket = null;
  onStream = null;
  sockets = new WebSocketServer({ noServer: true });
  server = createServer((request, response) => {
    asked.push({ way: 'sse', after: afterOf(request) });
    if (onStream) onStream(response, afterOf(request), asked.length);
    else response.writeHead(404).end();
  });
  server.on('upgrade', (request, socket, head) => {
    asked.push({ way: 'ws', after: afterOf(request) });
    if (!onSocket || request.url?.startsWith(`/ws/runs/${RUN_ID}`) !== true) {
      socket.destroy();
      return;
    }
    const handle = onSocket;
    const visit = asked.length;
    sockets.handleUpgrade(request, socket, head, (opened) => handle(opened, afterOf(request), visit));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});

afterEach(async () => {
  for (const client of sockets.clients) client.terminate();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

/** Follows until the stream says that it is over, and gives all that arrived. */
function followToEnd(
  after = 0,
): Promise<{ events: RunEvent[]; statuses: StreamStatus[]; last: StreamStatus }> {
  const events: RunEvent[] = [];
  const statuses: StreamStatus[] = [];
  const { port } = server.address() as AddressInfo;
  return new Promise((done) => {
    followRun({
      run: RUN_ID,
      after,
      origin: `http://127.0.0.1:${port}`,
      pause: 1,
      onEvent: (one) => events.push(one),
      onStatus: (status) => {
        statuses.push(status);
        if (status === 'ended' || status === 'refused') done({ events, statuses, last: status });
      },
    });
  });
}

describe('following by websocket', () => {
  it('gives every event once and ends with the run', async () => {
    onSocket = (socket, after) => send(socket, since(after));
    const { events, statuses } = await followToEnd();
    expect(events).toEqual(DURABLE);
    expect(statuses).toEqual(['connecting', 'live', 'ended']);
  });

  it('asks only for what is new', async () => {
    onSocket = (socket, after) => send(socket, since(after));
    const { events } = await followToEnd(3);
    expect(asked).toEqual([{ way: 'ws', after: 3 }]);
    expect(events).toEqual(DURABLE.slice(3));
  });

  it('comes back after a cut and misses nothing, wherever the cut falls', async () => {
    onSocket = (socket, after) => {
      // One event a visit, then the line is cut.
      send(socket, since(after).slice(0, 1));
      if (after < 4) setTimeout(() => socket.terminate(), 2);
    };
    const { events, statuses } = await followToEnd();
    expect(events).toEqual(DURABLE);
    expect(asked.map(({ after }) => after)).toEqual([0, 1, 2, 3, 4]);
    expect(statuses.filter((status) => status === 'live')).toHaveLength(5);
  });

  it('drops what it has seen already', async () => {
    onSocket = (socket) => send(socket, [...DURABLE.slice(0, 3), ...DURABLE.slice(0, 4), ...DURABLE]);
    const { events } = await followToEnd();
    expect(events).toEqual(DURABLE);
  });

  it('passes live events on as they come', async () => {
    const live = event(null, 'output.partial', { name: 'answer', step: 'gate', text: 'Bl' });
    onSocket = (socket) => send(socket, [...DURABLE.slice(0, 2), live, live, END]);
    const { events } = await followToEnd();
    expect(events).toEqual([...DURABLE.slice(0, 2), live, live, END]);
  });

  it('overhears what is not an event', async () => {
    onSocket = (socket, after) => {
      socket.send('not json');
      socket.send('{"hello": "there"}');
      socket.send(Buffer.from([1, 2, 3]));
      send(socket, since(after));
    };
    const { events } = await followToEnd();
    expect(events).toEqual(DURABLE);
  });

  it('goes no further when the server refuses', async () => {
    onSocket = (socket) => socket.close(4404);
    const { events, last } = await followToEnd();
    expect([events, last]).toEqual([[], 'refused']);
    expect(asked).toHaveLength(1);
  });

  it('stops when told to, and stays silent', async () => {
    const { port } = server.address() as AddressInfo;
    const heard: string[] = [];
    const closed = new Promise<void>((done) => {
      onSocket = (socket) => {
        socket.on('close', () => done());
        send(socket, DURABLE.slice(0, 1));
      };
    });
    await new Promise<void>((first) => {
      const stop = followRun({
        run: RUN_ID,
        after: 0,
        origin: `http://127.0.0.1:${port}`,
        onEvent: (one) => {
          heard.push(one.kind);
          stop();
          first();
        },
        onStatus: (status) => heard.push(status),
      });
    });
    await closed;
    expect(heard).toEqual(['connecting', 'live', 'run.queued']);
    expect(asked).toHaveLength(1);
  });
});

describe('where websockets do not get through', () => {
  it('turns to the event stream and gives every event once', async () => {
    onStream = (response, after, visit) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(': hello\n\nretry: 100\n');
      // Cut in the middle of an event on the first visit: what is incomplete does not count.
      const text = since(after)
        .map((one) => `id: ${one.seq ?? ''}\r\nevent: ${one.kind}\r\ndata: ${JSON.stringify(one)}\r\n\r\n`)
        .join('');
      if (visit === 4) response.end(text.slice(0, text.length / 2));
      else response.end(text);
    };
    const { events } = await followToEnd();
    expect(events).toEqual(DURABLE);
    expect(asked.map(({ way }) => way)).toEqual(['ws', 'ws', 'ws', 'sse', 'sse']);
  });

  it('goes no further when the stream is refused', async () => {
    const { last } = await followToEnd();
    expect(last).toBe('refused');
    expect(asked.at(-1)).toEqual({ way: 'sse', after: 0 });
  });
});

describe('a frame', () => {
  it.each([
    ['a number', '7'],
    ['nothing', ''],
    ['an event without a kind', JSON.stringify({ run: RUN_ID, seq: 1, data: {} })],
    ['a number that is none', JSON.stringify({ run: RUN_ID, seq: '1', kind: 'run.queued', data: {} })],
    ['data that is none', JSON.stringify({ run: RUN_ID, seq: 1, kind: 'run.queued', data: null })],
  ])('that is %s is no event', (_what, text) => {
    expect(parseEvent(text)).toBeNull();
  });
});
