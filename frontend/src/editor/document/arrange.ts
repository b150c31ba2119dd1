// Asks the worker for an arrangement; one worker a request, gone when it has answered.

import type { LayoutRequest, Positions } from './layout';

export function arrangeInWorker(request: LayoutRequest): Promise<Positions> {
  const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Positions>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<Positions>) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}
