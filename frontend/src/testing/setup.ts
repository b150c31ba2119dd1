// Before every test: the matchers, and the few browser parts that jsdom lacks and Mantine asks for.
import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';
import { WebSocket as RealWebSocket } from 'ws';

afterEach(cleanup);
// What is awaited comes; how soon says more about the machine than about the page.
configure({ asyncUtilTimeout: 15_000 });

if (typeof window !== 'undefined') {
  // Node's own websocket sends Node's events, which jsdom's do not equal; this one brings its own.
  globalThis.WebSocket = RealWebSocket as unknown as typeof WebSocket;
  // Nothing moves: what fades in or out is there and cannot be seen, and for how long hangs on the machine.
  window.matchMedia = (query) =>
    Object.assign(new EventTarget(), {
      matches: query.includes('prefers-reduced-motion'),
      media: query,
    }) as MediaQueryList;
  // A text area that grows with its text listens for fonts that come late.
  Object.defineProperty(document, 'fonts', { value: new EventTarget(), configurable: true });
  window.ResizeObserver = class {
    observe(): void {
      // jsdom lays nothing out: there is no size to report.
    }
    unobserve(): void {
      // As above.
    }
    disconnect(): void {
      // As above.
    }
  };
}
