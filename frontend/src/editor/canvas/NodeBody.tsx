// The body of a card: what the run says when there is one, else the param that matters most.
import { IconLock } from '@tabler/icons-react';
import type { RunStep } from '../../api/types';
import { contentUrl, isFileValue, isSound, useAsset } from '../../api/assets';
import { useI18n } from '../../i18n';
import type { GraphNode } from '../document/graph';
import { type NodeSpec, paramOf } from '../document/spec';
import { useOutput, usePicture, useProgress, useRun } from '../run/store';
import { mainText } from './mainParam';
import classes from './NodeCard.module.css';

interface BodyProps {
  readonly node: GraphNode;
  readonly spec: NodeSpec | undefined;
  readonly step: RunStep | undefined;
}

export function NodeBody({ node, spec, step }: BodyProps) {
  const { t } = useI18n();
  if (!spec) return <Line tone="failed">{t('editor.unknown_type', { type: node.type })}</Line>;
  if (step?.state === 'running') return <RunningBody node={node} spec={spec} step={step} />;
  if (spec.purpose === 'outputs') return <OutputBody node={node} spec={spec} step={step} />;
  return <StillBody node={node} spec={spec} step={step} />;
}

function StillBody({ node, spec, step }: BodyProps) {
  const { t, words } = useI18n();
  const queue = useRun((state) => (step?.state === 'pending' ? state.view?.position : null));
  const beyond = useRun((state) => state.view?.beyond);
  switch (step?.state) {
    case 'failed':
      return <Line tone="failed">{step.error ? words(step.error.message) : t('runs.step_failed')}</Line>;
    case 'withheld':
      return <Line tone="withheld">{t('runs.step_withheld')}</Line>;
    case 'skipped':
      return <Line>{t('runs.step_skipped')}</Line>;
    case 'pending':
      if (queue)
        return <Line>{t(beyond ? 'editor.queued_far' : 'editor.queued_place', { place: queue })}</Line>;
  }
  const picture = spec && shownAsset(node, spec);
  if (picture) return <DefaultPicture asset={picture} />;
  const main = mainText(node, spec, words);
  return main ? (
    <Line mono={main.mono}>{main.text}</Line>
  ) : (
    <Line tone="hint">{spec ? words(spec.summary) : node.type}</Line>
  );
}

function RunningBody({ node, spec, step }: BodyProps) {
  const { t, words, format } = useI18n();
  const progress = useProgress(step?.id);
  const preview = usePicture(step?.id);
  const share = progress?.total ? progress.done / progress.total : null;
  const figure = progress?.note
    ? words(progress.note)
    : progress?.total
      ? t('editor.step_of', { done: progress.done, total: progress.total })
      : null;
  const main = mainText(node, spec, words);
  return (
    <div className={classes.body}>
      {preview ? (
        <div className={classes.picture} data-blurred>
          <img src={preview} alt="" draggable={false} />
          {figure && <span className={classes.caption}>{figure}</span>}
        </div>
      ) : (
        <p className={classes.lines}>
          {share === null
            ? (figure ?? main?.text ?? t('runs.step_running'))
            : t('editor.running_share', { share: format.percent(share) })}
        </p>
      )}
      {share !== null && (
        <div className={classes.bar}>
          <span style={{ width: `${Math.min(share, 1) * 100}%` }} />
        </div>
      )}
    </div>
  );
}

function OutputBody({ node, spec, step }: BodyProps) {
  const { t } = useI18n();
  const name = paramOf(node, spec, 'name');
  const value = useOutput(typeof name === 'string' ? name : undefined);
  const waiting = useRun((state) => state.view !== null);
  if (isFileValue(value)) {
    return isSound(value) ? (
      <Line tone="output">{t('editor.sound_ready')}</Line>
    ) : (
      <Picture source={value.url} whole />
    );
  }
  if (value !== undefined && value !== null) {
    return <Line tone="output">{typeof value === 'string' ? value : JSON.stringify(value)}</Line>;
  }
  if (waiting && step?.state === 'pending') return <Line>{t('editor.waiting_for_gate')}</Line>;
  return <StillBody node={node} spec={spec} step={step} />;
}

function shownAsset(node: GraphNode, spec: NodeSpec): string | null {
  const param = spec.params.find((candidate) => candidate.kind === 'asset');
  const value = param && paramOf(node, spec, param.name);
  return typeof value === 'string' && value !== '' ? value : null;
}

interface LineProps {
  readonly children: string;
  readonly tone?: 'failed' | 'withheld' | 'output' | 'hint';
  readonly mono?: boolean;
}

function Line({ children, tone, mono }: LineProps) {
  return (
    <div className={classes.body}>
      <p className={classes.lines} data-tone={tone} data-mono={mono ? true : undefined}>
        {children}
      </p>
    </div>
  );
}

/** The picture that belongs to the drawing: to others than who brought it, its gate is all that shows it. */
function DefaultPicture({ asset }: { asset: string }) {
  const { t } = useI18n();
  const { data, isError } = useAsset(asset);
  if (isError) return <Line tone="hint">{t('workflows.file_gone')}</Line>;
  if (data && !data.readable) {
    return (
      <div className={classes.body}>
        <p className={classes.locked}>
          <IconLock size={16} stroke={1.5} aria-hidden />
          {t('workflows.file_of_another')}
        </p>
      </div>
    );
  }
  return data ? <Picture source={contentUrl(asset)} whole /> : <Line> </Line>;
}

function Picture({ source, whole }: { source: string; whole?: boolean }) {
  return (
    <div className={classes.body}>
      <div className={classes.picture} data-whole={whole ? true : undefined}>
        <img src={source} alt="" draggable={false} loading="lazy" />
      </div>
    </div>
  );
}
