// One card draws any node type from its spec: head, ports, a body of a line or two, a foot when there is news.
import { Handle, type NodeProps, Position, useStore } from '@xyflow/react';
import { memo } from 'react';

import type { Issue, RunStep } from '../../api/types';
import { useI18n } from '../../i18n';
import { StateIcon, stepLook } from '../../shared/run/states';
import type { Port, Side } from '../document/ports';
import { usePreview } from '../preview/store';
import { useStepOfNode } from '../run/store';
import { useSpec } from '../state/editor';
import { useConnecting, usePortMood } from './connecting';
import type { CardNode } from './flowStore';
import { IssueBadge } from './IssueBadge';
import { NodeBody } from './NodeBody';
import classes from './NodeCard.module.css';
import { NodeFoot } from './NodeFoot';
import { NodeIcon } from './NodeIcon';
import { isLabelled, portColour, portY, rowsHeight } from './shape';
import { titleOf } from './title';

const NO_ISSUES: readonly Issue[] = [];
/** Below this zoom nobody reads a body: a plain box with its name keeps a large canvas fast. */
const FAR = 0.5;
/** Head, two lines and their room, in pixels. */
const LEAST = 92;

export const NodeCard = memo(function NodeCard({ id, data, selected }: NodeProps<CardNode>) {
  const { words } = useI18n();
  const spec = useSpec(data.node.type);
  const step = useStepOfNode(id);
  const issues = usePreview((state) => state.byNode.get(id)) ?? NO_ISSUES;
  const far = useStore((state) => state.transform[2] < FAR);
  const { shape } = data;
  const rows = isLabelled(shape) ? rowsHeight(shape) : 0;
  const broken = issues.some((issue) => issue.severity === 'error') || !spec;
  return (
    <div
      className={classes.card}
      // Also from afar: no ring may hang below its box, and nothing jumps when the view comes closer.
      style={{ minHeight: LEAST + rows }}
      data-testid={`node-${id}`}
      data-selected={selected || undefined}
      data-state={step?.state}
      data-broken={broken || undefined}
      data-far={far || undefined}
    >
      <div className={classes.head}>
        <NodeIcon name={spec?.icon} />
        <span className={classes.name}>{titleOf(data.node, spec, words)}</span>
        {issues.length > 0 && <IssueBadge issues={issues} />}
        {step && !broken && <StateOf step={step} />}
      </div>
      {!far && (
        <>
          <div className={classes.rows} style={{ height: rows }} />
          <NodeBody node={data.node} spec={spec} step={step} />
          <NodeFoot node={data.node} spec={spec} step={step} />
        </>
      )}
      {shape.inputs.map((port, index) => (
        <PortRing
          key={port.name}
          node={id}
          side="inputs"
          port={port}
          index={index}
          named={rows > 0 && !far}
        />
      ))}
      {shape.outputs.map((port, index) => (
        <PortRing
          key={port.name}
          node={id}
          side="outputs"
          port={port}
          index={index}
          named={rows > 0 && !far}
        />
      ))}
    </div>
  );
});

function StateOf({ step }: { readonly step: RunStep }) {
  const { t } = useI18n();
  const look = stepLook(step);
  return (
    <span className={classes.state} role="img" aria-label={t(look.word)} title={t(look.word)}>
      <StateIcon look={look} size={16} />
    </span>
  );
}

interface PortProps {
  readonly node: string;
  readonly side: Side;
  readonly port: Port;
  readonly index: number;
  readonly named: boolean;
}

function PortRing({ node, side, port, index, named }: PortProps) {
  const { t, words } = useI18n();
  const mood = usePortMood(side, { node, port: port.name });
  const dragging = useConnecting((state) => state.drag !== null);
  const input = side === 'inputs';
  const title = words(port.title) || port.name;
  const label = port.gone ? t('editor.port_gone', { name: title }) : `${title} · ${port.type}`;
  const top = portY(index);
  return (
    <>
      <Handle
        id={port.name}
        type={input ? 'target' : 'source'}
        position={input ? Position.Left : Position.Right}
        className={classes.port}
        data-testid={`port-${node}-${input ? 'in' : 'out'}-${port.name}`}
        data-mood={mood}
        data-gone={port.gone ?? undefined}
        title={dragging ? undefined : label}
        style={{ top, '--port': portColour(port.type) } as React.CSSProperties}
      />
      {named && (
        <span className={classes.portName} data-side={side} style={{ top: top - 9 }} aria-hidden>
          {title}
        </span>
      )}
    </>
  );
}
