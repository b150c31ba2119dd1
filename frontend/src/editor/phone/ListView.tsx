// On a phone: the nodes as a list in the order of the flow, the form of the one that is chosen, and the run.
import { ActionIcon } from '@mantine/core';
import { IconArrowLeft, IconLock } from '@tabler/icons-react';
import { Fragment, useId } from 'react';

import type { Gate } from '../../api/types';
import { useI18n } from '../../i18n';
import { GateMark } from '../../shared/Marks';
import { StateIcon, stepLook } from '../../shared/run/states';
import { GateDetails } from '../canvas/GateDetails';
import { useGates } from '../canvas/GateLayer';
import { useGateLook } from '../canvas/GatePill';
import { NodeIcon } from '../canvas/NodeIcon';
import { IssueBadge } from '../canvas/IssueBadge';
import { titleOf } from '../canvas/title';
import { type GraphNode } from '../document/graph';
import { findNode } from '../document/lookup';
import { useDocument } from '../document/store';
import { inFlowOrder } from '../document/order';
import { NodePanel } from '../inspector/NodePanel';
import { usePreview } from '../preview/store';
import { RunBoard } from '../run/RunBoard';
import { RunSummary } from '../run/RunSummary';
import { useStepOfNode } from '../run/store';
import { useSpec } from '../state/editor';
import { setUi, useUi } from '../state/ui';
import { WhatIfPanel } from '../whatIf/WhatIfPanel';
import classes from './ListView.module.css';

export function ListView() {
  const { t } = useI18n();
  const graph = useDocument((state) => state.history.doc);
  const [only] = useDocument((state) => state.selection.nodes);
  const select = useDocument((state) => state.select);
  const gates = useGates();
  const nodes = inFlowOrder(graph);
  const firstTarget = (gate: Gate): string | undefined =>
    nodes.find(({ id }) => gate.targets.some((target) => target.node === id))?.id;
  const node = only === undefined ? undefined : findNode(graph, only);
  if (node) {
    return (
      <div className={classes.page} data-inspector>
        <div className={classes.back}>
          <ActionIcon aria-label={t('editor.back_to_list')} onClick={() => select([])}>
            <IconArrowLeft size={18} stroke={1.5} />
          </ActionIcon>
          {t('editor.back_to_list')}
        </div>
        <NodePanel key={node.id} node={node} />
      </div>
    );
  }
  return (
    <div className={classes.page} data-testid="list-view">
      <ol className={classes.list}>
        {nodes.map((item) => (
          <Fragment key={item.id}>
            {gates
              .filter((gate) => firstTarget(gate) === item.id)
              .map((gate) => (
                <GateRow key={gate.id} gate={gate} />
              ))}
            <Row node={item} onOpen={() => select([item.id])} />
          </Fragment>
        ))}
      </ol>
      <div className={classes.run} data-testid="run-drawer">
        <RunSummary />
        <RunBoard />
      </div>
      <section className={classes.run} aria-label={t('gates.what_if')}>
        <h2 className={classes.title}>{t('gates.what_if')}</h2>
        <WhatIfPanel />
      </section>
    </div>
  );
}

/** A gate stands before the first node that its value goes to. */
function GateRow({ gate }: { readonly gate: Gate }) {
  const { t, words } = useI18n();
  const { look } = useGateLook(gate.id);
  const open = useUi((state) => state.openGate === gate.id);
  const details = useId();
  return (
    <li className={classes.gateItem}>
      <button
        type="button"
        className={classes.gate}
        data-testid={`gate-row-${gate.id}`}
        aria-expanded={open}
        aria-controls={details}
        onClick={() => setUi({ openGate: open ? null : gate.id })}
      >
        <GateMark size={19} />
        <span>
          <strong>{gate.rules[0] ? words(gate.rules[0].title) : t('editor.gate')}</strong>
          <small>{t(look?.word ?? 'editor.gate_ready')}</small>
        </span>
        {look ? <StateIcon look={look} size={17} /> : <IconLock size={15} stroke={1.5} aria-hidden />}
      </button>
      {open && (
        <div id={details} className={classes.gateDetails}>
          <GateDetails gate={gate} />
        </div>
      )}
    </li>
  );
}

function Row({ node, onOpen }: { readonly node: GraphNode; readonly onOpen: () => void }) {
  const { t, words } = useI18n();
  const spec = useSpec(node.type);
  const step = useStepOfNode(node.id);
  const issues = usePreview((state) => state.byNode.get(node.id));
  const look = step && stepLook(step);
  return (
    <li className={classes.row} data-testid={`node-${node.id}`}>
      <button type="button" onClick={onOpen}>
        <NodeIcon name={spec?.icon} size={19} />
        <span>
          <strong>{titleOf(node, spec, words)}</strong>
          <small>{look ? t(look.word) : spec ? words(spec.summary) : node.type}</small>
        </span>
        {look && !issues && <StateIcon look={look} size={17} />}
      </button>
      {issues && <IssueBadge issues={issues} />}
    </li>
  );
}
