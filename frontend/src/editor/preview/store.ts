// The server's answer about the draft: what is wrong with it, and the plan with its gates.
import { create } from 'zustand';

import type { Gate, Issue, PlanView, PortRef } from '../../api/types';
import type { Graph } from '../document/graph';

export type PreviewState = 'checking' | 'fresh' | 'unreachable';

interface Preview {
  readonly state: PreviewState;
  readonly issues: readonly Issue[];
  readonly byNode: ReadonlyMap<string, readonly Issue[]>;
  /** Null while the draft has mistakes. */
  readonly plan: PlanView | null;
  /** The last plan that there was: its gates stay on the canvas, pale, while the draft is being mended. */
  readonly lastPlan: PlanView | null;
}

const NOTHING: Preview = { state: 'checking', issues: [], byNode: new Map(), plan: null, lastPlan: null };

export const usePreview = create<Preview>()(() => NOTHING);

export function resetPreview(): void {
  usePreview.setState(NOTHING);
}

export function acceptPreview(issues: readonly Issue[], plan: PlanView | null): void {
  usePreview.setState(({ lastPlan }) => ({
    state: 'fresh',
    issues,
    byNode: grouped(issues),
    plan,
    lastPlan: plan ?? lastPlan,
  }));
}

function grouped(issues: readonly Issue[]): ReadonlyMap<string, readonly Issue[]> {
  const byNode = new Map<string, Issue[]>();
  for (const issue of issues) {
    if (issue.node === null) continue;
    byNode.set(issue.node, [...(byNode.get(issue.node) ?? []), issue]);
  }
  return byNode;
}

/** The draft as the compiler sees it: without places and titles, which change no plan. */
export function compiledPart(graph: Graph): string {
  const nodes = graph.nodes.map(({ id, type, version, params, title, on_error, retry }) => [
    id,
    type,
    version,
    params,
    title,
    on_error,
    retry,
  ]);
  return JSON.stringify([nodes, graph.edges.map(({ id, source, target }) => [id, source, target])]);
}

/** The setting whose words this gate looks at, where it is one; such a gate is on no wire. */
export function settingOf(gate: Gate): PortRef | undefined {
  const [source] = gate.sources;
  return gate.targets.find((end) => end.node === source?.node && end.port === source.port);
}

export function gateOfWire(gates: readonly Gate[], source: PortRef, target: PortRef): Gate | undefined {
  const has = (ends: readonly PortRef[], end: PortRef): boolean =>
    ends.some(({ node, port }) => node === end.node && port === end.port);
  return gates.find((gate) => has(gate.sources, source) && has(gate.targets, target));
}
