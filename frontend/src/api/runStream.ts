// Follows a run: a websocket that comes back by itself and asks only for what it has not seen;
// server-sent events where websockets do not get through.
import { readServerSentEvents } from './serverSentEvents';
import type { Id, RunEvent } from './types';

export type StreamStatus = 'connecting' | 'live' | 'retrying' | 'ended' | 'refused';

export interface Follow {
  readonly run: Id;
  /** The last event that is already known. */
  readonly after: number;
  readonly onEvent: (event: RunEvent) => void;
  readonly onStatus?: (status: StreamStatus) => void;
  /** Where the server is; this page's own origin unless told otherwise. */
  readonly origin?: string;
  /** The first pause before coming back, in milliseconds; it doubles up to `MOST_PAUSE`. */
  readonly pause?: number;
}

const FIRST_PAUSE = 250;
const MOST_PAUSE = 5_000;
/** Sockets that never opened before we take the other way. */
const SOCKET_CHANCES = 3;
/** Close codes by which the server says that coming back is no use (4401, 4403, 4404). */
const REFUSED = /^4(401|403|404)$/;
const TERMINAL = new Set<RunEvent['kind']>(['run.succeeded', 'run.failed', 'run.cancelled', 'run.blocked']);

/** Starts following and returns the way to stop. Each durable event arrives once, in order. */
export function followRun(options: Follow): () => void {
  const follower = new Follower(options);
  follower.connect();
  return () => follower.stop();
}

class Follower {
  private last: number;
  private stopped = false;
  private socket: WebSocket | null = null;
  private aborter: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private neverOpened = 0;

  constructor(private readonly options: Follow) {
    this.last = options.after;
  }

  connect(): void {
    if (this.stopped) return;
    this.options.onStatus?.(this.failures === 0 ? 'connecting' : 'retrying');
    if (this.neverOpened < SOCKET_CHANCES) this.openSocket();
    else void this.openEvents();
  }

  stop(status?: 'ended' | 'refused'): void {
    if (this.stopped) return;
    this.stopped = true;
    clearTimeout(this.timer);
    this.socket?.close();
    this.aborter?.abort();
    if (status) this.options.onStatus?.(status);
  }

  private openSocket(): void {
    const socket = new WebSocket(this.address('ws', `/ws/runs/${this.options.run}?after=${this.last}`));
    let opened = false;
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      this.neverOpened = 0;
      this.live();
    };
    socket.onmessage = (message: MessageEvent<unknown>) => this.take(message.data);
    socket.onclose = ({ code }) => {
      if (!opened) this.neverOpened += 1;
      if (REFUSED.test(String(code))) this.stop('refused');
      else this.comeBack();
    };
  }

  private async openEvents(): Promise<void> {
    this.aborter = new AbortController();
    try {
      const response = await fetch(
        this.address('http', `/api/runs/${this.options.run}/stream?after=${this.last}`),
        {
          headers: { Accept: 'text/event-stream' },
          credentials: 'same-origin',
          signal: this.aborter.signal,
        },
      );
      if (response.status >= 400 && response.status < 500) {
        this.stop('refused');
        return;
      }
      if (response.ok && response.body) {
        this.live();
        for await (const data of readServerSentEvents(response.body)) this.take(data);
      }
    } catch {
      // A broken connection is ordinary: the next attempt asks for what is missing.
    }
    this.comeBack();
  }

  private live(): void {
    this.failures = 0;
    this.options.onStatus?.('live');
  }

  private take(data: unknown): void {
    const event = parseEvent(data);
    if (this.stopped || event === null) return;
    if (event.seq !== null) {
      if (event.seq <= this.last) return;
      this.last = event.seq;
    }
    this.options.onEvent(event);
    if (TERMINAL.has(event.kind)) this.stop('ended');
  }

  private comeBack(): void {
    if (this.stopped) return;
    const first = this.options.pause ?? FIRST_PAUSE;
    const pause = Math.min(first * 2 ** this.failures, MOST_PAUSE);
    this.failures += 1;
    this.options.onStatus?.('retrying');
    // Up to a third of chance, so that a hundred pages do not come back in the same instant.
    this.timer = setTimeout(() => this.connect(), pause * (1 + Math.random() / 3));
  }

  private address(scheme: 'ws' | 'http', path: string): string {
    const origin = this.options.origin ?? window.location.origin;
    return (scheme === 'ws' ? origin.replace(/^http/, 'ws') : origin) + path;
  }
}

/** One frame as an event, or null for anything else (a greeting, a newer kind of frame, noise). */
export function parseEvent(data: unknown): RunEvent | null {
  if (typeof data !== 'string') return null;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  return looksLikeEvent(value) ? value : null;
}

function looksLikeEvent(value: unknown): value is RunEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { run, seq, kind, data } = value as Partial<Record<keyof RunEvent, unknown>>;
  return (
    typeof run === 'string' &&
    typeof kind === 'string' &&
    (seq === null || Number.isInteger(seq)) &&
    typeof data === 'object' &&
    data !== null
  );
}
