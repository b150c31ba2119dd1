// dagre off the main thread: 500 nodes take two seconds, and the canvas stays alive meanwhile.

import { arrange, type LayoutRequest } from './layout';

self.onmessage = (event: MessageEvent<LayoutRequest>) => {
  self.postMessage(arrange(event.data));
};
