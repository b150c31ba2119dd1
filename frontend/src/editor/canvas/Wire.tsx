// A wire in the colour of what it carries; where a gate stands on it, it goes in and out of the gate.
import { BaseEdge, type Edge, type EdgeProps, getBezierPath, Position } from '@xyflow/react';
import { memo } from 'react';

import type { Gate } from '../../api/types';
import { gateState } from '../../shared/run/states';
import { useRunFindings, useStep, useStepOfNode } from '../run/store';
import { portColour } from './shape';
import { useGateAnchor } from './useGateAnchor';
import classes from './Wire.module.css';

export type WireEdge = Edge<
  { readonly type: string; readonly gate: Gate | undefined; readonly broken: boolean },
  'wire'
>;

export const Wire = memo(function Wire(props: EdgeProps<WireEdge>) {
  const { id, data, selected, source, target } = props;
  const anchor = useGateAnchor(data?.gate);
  const [into, out] = useFlowing(source, target, data?.gate);
  const style = {
    '--wire': data?.broken ? 'var(--sw-bad)' : portColour(data?.type ?? 'any'),
  } as React.CSSProperties;
  const from = { x: props.sourceX, y: props.sourceY };
  const to = { x: props.targetX, y: props.targetY };
  if (!anchor) {
    return (
      <BaseEdge
        id={id}
        path={curve(from, to)}
        className={classes.wire}
        style={style}
        {...marks(selected, out)}
      />
    );
  }
  const entry = { x: anchor.x - anchor.width / 2, y: anchor.y };
  const exit = { x: anchor.x + anchor.width / 2, y: anchor.y };
  return (
    <>
      <BaseEdge path={curve(from, entry)} className={classes.wire} style={style} {...marks(selected, into)} />
      <BaseEdge
        id={id}
        path={curve(exit, to)}
        className={classes.wire}
        style={style}
        {...marks(selected, out)}
      />
    </>
  );
});

function marks(selected: boolean | undefined, flow: Flow) {
  return { 'data-selected': selected ? true : undefined, 'data-flow': flow, interactionWidth: 18 };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function curve(from: Point, to: Point): string {
  const [path] = getBezierPath({
    sourceX: from.x,
    sourceY: from.y,
    sourcePosition: Position.Right,
    targetX: to.x,
    targetY: to.y,
    targetPosition: Position.Left,
  });
  return path;
}

type Flow = 'still' | 'flowing' | 'waiting' | 'stopped';

/** What the run says of a wire: of its way to the gate, and of its way from there. */
function useFlowing(source: string, target: string, gate: Gate | undefined): readonly [Flow, Flow] {
  const giver = useStepOfNode(source);
  const taker = useStepOfNode(target);
  const check = useStep(gate?.id ?? '');
  const findings = useRunFindings();
  const coming = giver?.state === 'running' ? 'waiting' : check?.state === 'running' ? 'flowing' : 'still';
  const going = taker?.state === 'running' ? 'flowing' : 'still';
  if (!check) return [coming, giver?.state === 'running' ? 'waiting' : going];
  const state = gateState(
    check,
    findings.filter((finding) => finding.step === check.id),
  );
  if (state === 'blocked' || state === 'held') return [coming, 'stopped'];
  return [coming, state === 'waiting' || state === 'checking' ? 'waiting' : going];
}
