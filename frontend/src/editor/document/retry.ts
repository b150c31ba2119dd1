// How often a node is tried again; the server knows the rule, this knows which form to draw.
import type { GraphNode } from './graph';
import type { NodeSpec } from './spec';

export type Retry = NonNullable<GraphNode['retry']>;

export const MOST_TRIES = 5;
/** Seconds between two tries, at most. */
export const LONGEST_WAIT = 3600;
/** As it stands in the form before anything was said. */
export const NO_RETRY: Retry = { times: 0, wait: 4, longest: 60 };

/** Whether nodes of this type can be tried again: not what must not happen twice, and not a call, whose steps are. */
export function isRetried(spec: NodeSpec): boolean {
  return spec.effects !== 'unsafe' && !spec.params.some(({ kind }) => kind === 'workflow');
}
