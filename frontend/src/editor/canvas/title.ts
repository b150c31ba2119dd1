// What a node is called: its own title, else its type's.
import type { Words } from '../../api/types';
import type { GraphNode } from '../document/graph';
import type { NodeSpec } from '../document/spec';

export function titleOf(
  node: GraphNode,
  spec: NodeSpec | undefined,
  words: (words: Words) => string,
): string {
  const own = node.title?.trim();
  if (own) return own;
  return spec ? words(spec.title) : node.type;
}
