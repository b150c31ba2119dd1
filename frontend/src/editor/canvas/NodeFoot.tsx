// The foot of a card: which model, and after a run what it took. Nothing to say, no foot.
import { IconBolt, IconCpu, IconHourglass } from '@tabler/icons-react';

import type { RunStep } from '../../api/types';
import { useModels } from '../../api/models';
import { useI18n } from '../../i18n';
import { WaitNote } from '../../shared/run/WaitNote';
import type { GraphNode } from '../document/graph';
import { type NodeSpec, paramOf } from '../document/spec';
import { modelTitle } from '../inspector/models';
import { secondsOf } from '../run/timing';
import classes from './NodeCard.module.css';

interface FootProps {
  readonly node: GraphNode;
  readonly spec: NodeSpec | undefined;
  readonly step: RunStep | undefined;
}

export function NodeFoot({ node, spec, step }: FootProps) {
  const { t, words, format } = useI18n();
  const param = spec?.params.find((candidate) => candidate.kind === 'model');
  const { data: models } = useModels();
  const name = param && paramOf(node, spec, param.name);
  const where =
    typeof name === 'string' && name !== '' ? modelTitle(models, name, words) : (step?.cost?.device ?? '');
  const took = secondsOf(step);
  const tokens = step?.cost?.tokens;
  const figures = [
    tokens ? t('runs.tokens', { count: tokens }) : '',
    step?.state === 'cached' ? t('runs.step_cached') : took === null ? '' : format.duration(took),
  ].filter(Boolean);
  if (step?.state === 'waiting' && step.waits)
    return (
      <div className={classes.foot}>
        <IconHourglass size={13} stroke={1.5} />
        <WaitNote waits={step.waits} />
      </div>
    );
  // That a moment passed is no news.
  if (where === '' && (took ?? 0) < 1) return null;
  return (
    <div className={classes.foot}>
      {step?.state === 'cached' ? <IconBolt size={13} stroke={1.5} /> : <IconCpu size={13} stroke={1.5} />}
      <span className={classes.where}>{where}</span>
      <span>{figures.join(' · ')}</span>
    </div>
  );
}
