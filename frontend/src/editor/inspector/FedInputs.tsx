// Which node feeds which input, and whether its gate has let the value through.
import { IconCheck, IconPlugConnected, IconX } from '@tabler/icons-react';

import type { Issue } from '../../api/types';
import { useI18n } from '../../i18n';
import { gateState } from '../../shared/run/states';
import { removeEdge } from '../actions';
import { openConnectMenu } from '../canvas/connectMenuStore';
import { focusNode } from '../canvas/focus';
import { useGates } from '../canvas/GateLayer';
import { portColour, shapeOf } from '../canvas/shape';
import { titleOf } from '../canvas/title';
import { type GraphEdge, type GraphNode } from '../document/graph';
import { findNode } from '../document/lookup';
import { boundType, type Port } from '../document/ports';
import { useDocument, useLocked } from '../document/store';
import { gateOfWire } from '../preview/store';
import { useRun, useStep } from '../run/store';
import { useEditor } from '../state/editor';
import classes from './Inspector.module.css';
import { IssueNote } from './SettingsTab';

interface FedProps {
  readonly node: GraphNode;
  readonly issues: readonly Issue[];
}

export function FedInputs({ node, issues }: FedProps) {
  const graph = useDocument((state) => state.history.doc);
  const catalog = useEditor((state) => state.catalog);
  const { inputs } = shapeOf(graph, catalog, node);
  return inputs.map((port) => (
    <FedInput
      key={port.name}
      node={node.id}
      port={port}
      edges={graph.edges.filter((edge) => edge.target.node === node.id && edge.target.port === port.name)}
      issues={issues.filter((issue) => issue.port === port.name)}
    />
  ));
}

interface InputProps {
  readonly node: string;
  readonly port: Port;
  readonly edges: readonly GraphEdge[];
  readonly issues: readonly Issue[];
}

function FedInput({ node, port, edges, issues }: InputProps) {
  const locked = useLocked();
  const { t, words } = useI18n();
  return (
    <div className={classes.field} data-wide>
      <span className={classes.label}>
        {words(port.title) || port.name}
        {!port.required && <i> ({t('common.optional')})</i>}
      </span>
      {edges.map((edge) => (
        <Source key={edge.id} edge={edge} />
      ))}
      {edges.length === 0 && (
        <button
          type="button"
          className={classes.fed}
          disabled={locked}
          onClick={() => openConnectMenu(node, port.name)}
        >
          <i className={classes.dot} style={{ borderColor: portColour(port.type) }} />
          <span>{t('editor.not_connected')}</span>
          <IconPlugConnected size={15} stroke={1.5} aria-hidden />
        </button>
      )}
      {issues.map((issue, index) => (
        <IssueNote key={index} issue={issue} />
      ))}
    </div>
  );
}

function Source({ edge }: { readonly edge: GraphEdge }) {
  const { t, words } = useI18n();
  const graph = useDocument((state) => state.history.doc);
  const catalog = useEditor((state) => state.catalog);
  const locked = useLocked();
  const gates = useGates();
  const gate = gateOfWire(gates, edge.source, edge.target);
  const step = useStep(gate?.id ?? '');
  const findings = useRun((state) => state.view?.run.findings);
  const state = step && gateState(step, findings?.filter((finding) => finding.step === step.id) ?? []);
  const source = findNode(graph, edge.source.node);
  if (!source) return null;
  const name = titleOf(source, catalog.specs.get(source.type), words);
  const type = boundType(graph, catalog, edge.source, 'outputs');
  return (
    <div className={classes.fed} data-connected>
      <i className={classes.dot} style={{ borderColor: portColour(type), background: portColour(type) }} />
      <button type="button" onClick={() => focusNode(source.id)}>
        {t('editor.fed_from', { name })}
      </button>
      {(state === 'passed' || state === 'redacted') && (
        <span className={classes.cleared}>
          {t('editor.cleared')} <IconCheck size={13} stroke={1.8} aria-hidden />
        </span>
      )}
      {!locked && (
        <button
          type="button"
          aria-label={t('editor.disconnect', { name })}
          onClick={() => removeEdge(edge.id)}
        >
          <IconX size={14} stroke={1.6} aria-hidden />
        </button>
      )}
    </div>
  );
}
