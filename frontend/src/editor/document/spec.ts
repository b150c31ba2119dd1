// What the server says of node types, ready to be looked up.
import type { Acceptance, GraphNode, Json, NodeSpec as Described, Palette } from '../../api/types';
import type { Callee } from './calls';

export type { Acceptance, Param, Words } from '../../api/types';

/** As the server describes it; of a node type that calls, also what is known of the versions that nodes call. */
export type NodeSpec = Described & { readonly callees?: ReadonlyMap<string, Callee> };

export interface Catalog {
  readonly specs: ReadonlyMap<string, NodeSpec>;
  readonly purposes: Palette['purposes'];
  readonly acceptance: Acceptance;
}

export function catalogOf(palette: Palette): Catalog {
  return {
    specs: new Map(palette.node_types.map((spec) => [spec.type, spec])),
    purposes: palette.purposes,
    acceptance: palette.acceptance,
  };
}

export const EMPTY_CATALOG: Catalog = { specs: new Map(), purposes: [], acceptance: {} };

/** A param as it will hold in a run: the node's own, or the spec's default. */
export function paramOf(node: GraphNode, spec: NodeSpec | undefined, name: string): Json | undefined {
  if (Object.hasOwn(node.params, name)) return node.params[name];
  return spec?.params.find((param) => param.name === name)?.default;
}
