// What a node gives when it fails; the server knows the rule, this knows which form to draw.
import type { GraphNode, Json } from './graph';
import type { Port } from './ports';
import { portsOf } from './ports';
import type { NodeSpec } from './spec';

export type OnError = NonNullable<GraphNode['on_error']>;

export const ERROR_PORT = 'error';
/** What a person can write into a form; the rest carries nothing then. */
const EMPTY: Readonly<Record<string, Json>> = { text: '', number: 0, boolean: false };

/** Whether nodes of this type can go on after a failure: those that give something, show nothing and call nothing. */
export function failsOver(spec: NodeSpec): boolean {
  const gives = spec.outputs.length > 0 || spec.dynamic?.side === 'outputs';
  const shows = !spec.asks && spec.inputs.some(({ sink }) => sink === 'person');
  return gives && !shows && !spec.params.some(({ kind }) => kind === 'workflow');
}

export function plainOutputs(node: GraphNode, spec: NodeSpec): readonly Port[] {
  return portsOf(node, spec).outputs.filter(({ name, type }) => name !== ERROR_PORT && type in EMPTY);
}

export function emptyFor(outputs: readonly Port[]): Record<string, Json> {
  return Object.fromEntries(outputs.map(({ name, type }) => [name, EMPTY[type] ?? '']));
}
