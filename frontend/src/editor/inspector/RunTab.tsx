// What the last run says of this node.
import { IconPlayerPlay } from '@tabler/icons-react';

import { useI18n } from '../../i18n';
import { EmptyState } from '../../shared/EmptyState';
import { ResultList } from '../../shared/run/ResultList';
import { StateIcon, stepLook } from '../../shared/run/states';
import { StepDetails } from '../../shared/run/StepDetails';
import type { GraphNode } from '../document/graph';
import { useRun, useStepOfNode } from '../run/store';
import { secondsOf } from '../run/timing';
import classes from './Inspector.module.css';

export function RunTab({ node }: { readonly node: GraphNode }) {
  const { t, format } = useI18n();
  const step = useStepOfNode(node.id);
  const view = useRun((state) => state.view);
  if (!step || !view) {
    return (
      <EmptyState
        icon={IconPlayerPlay}
        title={t('editor.node_no_run_title')}
        text={t('editor.node_no_run_text')}
      />
    );
  }
  const { run } = view;
  const look = stepLook(step);
  const took = secondsOf(step);
  return (
    <div className={classes.run} data-testid="node-run">
      <p className={classes.state}>
        <StateIcon look={look} size={16} />
        <strong>{t(look.word)}</strong>
      </p>
      <StepDetails run={run} step={step} seconds={took === null ? null : format.duration(took)} />
      {view.run.plan.outputs.some((output) => output.node === node.id) && (
        <ResultList view={view} node={node.id} />
      )}
    </div>
  );
}
