// A node that calls a published version of another workflow: its setting, and the ports that this version gives it.
import type { GraphNode, VersionWithGraph } from '../../api/types';
import type { Port } from './ports';
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

export function calleeFrom(version: VersionWithGraph): Callee {
  const port = (door: VersionWithGraph['inputs'][number]): Port => ({
    name: door.name,
    type: door.type,
    title: { en: door.title, zh: door.title },
    required: door.required,
  });
  return { name: version.name, inputs: version.inputs.map(port), outputs: version.outputs.map(port) };
}
