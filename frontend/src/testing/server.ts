// A real HTTP and websocket server for tests of pages: it answers the JSON that a test gives it, and notes what was asked.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket as ServerSocket } from 'ws';
import type { RunEvent } from '../api/types';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}
export interface Answer {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
}
type Route = Answer | ((asked: Asked) => Answer);

export interface TestServer {
  readonly origin: string;
  /** `GET /api/session` and the like; a test may change them as it goes. */
  readonly routes: Record<string, Route>;
  readonly asked: Asked[];
  /** Sends an event to everybody who follows a run. */
  readonly tell: (event: RunEvent) => void;
  readonly followers: () => number;
  readonly close: () => Promise<void>;
}

export async function startServer(routes: Record<string, Route>): Promise<TestServer> {
  const asked: Asked[] = [];
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const { method = '', url = '', headers } = request;
      const one: Asked = { method, path: url, headers, body };
      asked.push(one);
      const route = routes[`${method} ${url}`];
      const answer: Answer =
        route === undefined
          ? { status: 404, json: { code: 'not_found', message: `no route ${method} ${url}`, hint: null } }
          : typeof route === 'function'
            ? route(one)
            : route;
      response.writeHead(answer.status ?? 200, {
        'Content-Type': answer.text ? 'text/html' : 'application/json',
      });
      response.end(answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json)));
    });
  });
  server.on('upgrade', (request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (opened: ServerSocket) =>
      sockets.emit('connection', opened),
    ),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    routes,
    asked,
    tell: (event) => {
      for (const socket of sockets.clients) socket.send(JSON.stringify(event));
    },
    followers: () => sockets.clients.size,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
