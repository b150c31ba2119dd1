/** What the server says of node types: the palette, the forms, the ports and which types fit together. */

import type { GraphNode, Json } from './graph';

export interface Words {
  readonly en: string;
  readonly zh: string;
}

export interface PortSpec {
  readonly name: string;
  readonly type: string;
  readonly title: Words;
  readonly required?: boolean;
  readonly streams?: boolean;
  readonly help?: Words | null;
}

export type ParamKind =
  'text' | 'multiline' | 'integer' | 'number' | 'boolean' | 'choice' | 'model' | 'asset' | 'lines';

export interface Choice {
  readonly value: string | number;
  readonly title: Words;
}

export interface ParamSpec {
  readonly name: string;
  readonly kind: ParamKind;
  readonly title: Words;
  readonly help?: Words | null;
  readonly default?: Json;
  readonly required?: boolean;
  readonly minimum?: number | null;
  readonly maximum?: number | null;
  readonly step?: number | null;
  readonly choices?: readonly Choice[] | null;
  readonly capability?: string | null;
  readonly media?: string | null;
  readonly advanced?: boolean;
}

export interface DynamicSpec {
  readonly side: 'inputs' | 'outputs';
  readonly param: string;
  readonly rule: 'placeholders' | 'lines';
  readonly type: string;
}

export interface NodeSpec {
  readonly type: string;
  readonly version: number;
  readonly title: Words;
  readonly summary: Words;
  readonly help: Words;
  readonly purpose: string;
  readonly icon: string;
  readonly inputs: readonly PortSpec[];
  readonly outputs: readonly PortSpec[];
  readonly params: readonly ParamSpec[];
  readonly dynamic: DynamicSpec | null;
  readonly resource: string;
  readonly effects: string;
}

export type Acceptance = Readonly<Record<string, Readonly<Record<string, Words | null>>>>;

export interface Catalog {
  readonly specs: ReadonlyMap<string, NodeSpec>;
  readonly purposes: readonly { readonly id: string; readonly title: Words }[];
  readonly acceptance: Acceptance;
}

/** A param as it will hold in a run: the node's own, or the spec's default. */
export function paramOf(node: GraphNode, spec: NodeSpec | undefined, name: string): Json | undefined {
  if (Object.hasOwn(node.params, name)) return node.params[name];
  return spec?.params.find((param) => param.name === name)?.default;
}
