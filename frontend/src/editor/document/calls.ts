// A node that calls a published version of another workflow: its setting, and the ports that this version gives it.
import type { GraphNode, VersionWithGraph } from '../../api/types';
import { type Port, type Side, isMany } from './ports';
import { type NodeSpec, paramOf } from './spec';

export interface Callee {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** `<workflow>@<version>`, as the server reads it. */
export function callText(workflow: string, version: number): string {
  return `${workflow}@${version}`;
}

export function parseCall(text: unknown): { readonly workflow: string; readonly version: number } | null {
  const found = typeof text === 'string' ? /^([0-9a-f-]{36})@([1-9][0-9]{0,8})$/.exec(text) : null;
  return found?.[1] === undefined ? null : { workflow: found[1], version: Number(found[2]) };
}

/** What a node calls, as its setting says; null when its type calls nothing or nothing is chosen. */
export function callOf(node: GraphNode, spec: NodeSpec | undefined): string | null {
  const param = spec?.params.find(({ kind }) => kind === 'workflow');
  const value = param && paramOf(node, spec, param.name);
  return typeof value === 'string' && value !== '' ? value : null;
}

export function calleeOf(node: GraphNode, spec: NodeSpec | undefined): Callee | undefined {
  const call = spec?.callees && callOf(node, spec);
  return call ? spec.callees.get(call) : undefined;
}

/** The ports that what is called gives the node: of a map, lists for the items and for all that comes of them. */
export function calledPorts(node: GraphNode, spec: NodeSpec, side: Side): readonly Port[] {
  const ports = calleeOf(node, spec)?.[side] ?? [];
  if (spec.repeat?.way !== 'map') return ports;
  const over = side === 'inputs' ? overOf(node, spec, ports) : null;
  return ports.map((port) =>
    (side === 'outputs' || port.name === over) && !isMany(port.type)
      ? { ...port, type: `list[${port.type}]` }
      : port,
  );
}

/** The input that takes the items, as the server finds it: the one that was chosen, or the only one. */
function overOf(node: GraphNode, spec: NodeSpec, inputs: readonly Port[]): string | null {
  const chosen = spec.repeat && paramOf(node, spec, spec.repeat.port);
  if (typeof chosen === 'string' && chosen !== '') return chosen;
  return inputs.length === 1 ? (inputs[0]?.name ?? null) : null;
}

/** What a setting that names a port may name: what ends a loop is an output, what takes the items of a map an input. */
export function portChoices(node: GraphNode, spec: NodeSpec): readonly Port[] {
  const callee = calleeOf(node, spec);
  return (spec.repeat?.way === 'map' ? callee?.inputs : callee?.outputs) ?? [];
}

export function calleeFrom(version: VersionWithGraph): Callee {
  const port = (door: VersionWithGraph['inputs'][number]): Port => ({
    name: door.name,
    type: door.type,
    title: { en: door.title, zh: door.title },
    required: door.required,
  });
  return { name: version.name, inputs: version.inputs.map(port), outputs: version.outputs.map(port) };
}
