// The closed set of edits. Each is plain JSON, so that it can be stored, sent and replayed.

import type { OnError } from './onError';
import type { GraphEdge, GraphNode, Json, Point } from './graph';
import type { Retry } from './retry';

export type Command =
  | { readonly kind: 'addNode'; readonly node: GraphNode; readonly index?: number }
  | { readonly kind: 'removeNode'; readonly id: string }
  | { readonly kind: 'addEdge'; readonly edge: GraphEdge; readonly index?: number }
  | { readonly kind: 'removeEdge'; readonly id: string }
  | { readonly kind: 'moveNodes'; readonly positions: Readonly<Record<string, Point | null>> }
  /** Without `value` the param is taken away, and the spec's default holds again. */
  | { readonly kind: 'setParam'; readonly node: string; readonly param: string; readonly value?: Json }
  | { readonly kind: 'renameNode'; readonly node: string; readonly title?: string }
  /** Without a value the run fails with the node, as if nothing had ever been said. */
  | { readonly kind: 'setOnError'; readonly node: string; readonly value?: OnError }
  /** Without a value it is tried once. */
  | { readonly kind: 'setRetry'; readonly node: string; readonly value?: Retry }
  | { readonly kind: 'batch'; readonly commands: readonly Command[] };

export function batch(commands: readonly Command[]): Command {
  const [only] = commands;
  return commands.length === 1 && only ? only : { kind: 'batch', commands };
}

/** A command that does not fit the document is a bug of the caller, and is loud. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
