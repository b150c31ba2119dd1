// The steps of a run as bars in time, gates among them; each row opens to what there is to tell.
import { Collapse, UnstyledButton } from '@mantine/core';
import { useId, useState } from 'react';
import { isOver } from '../../api/runs';
import { findingsOf, type RunView, type StepProgress } from '../../api/runState';
import type { Run, RunStep } from '../../api/types';
import { useI18n, type I18n } from '../../i18n';
import { GateMark } from '../Marks';
import { useNow } from '../Times';
import { gateLook, gateState, StateIcon, stepLook, type Look } from './states';
import { StepDetails } from './StepDetails';
import classes from './Timeline.module.css';
import { barOf, spanOf, type Span } from './timing';

export function Timeline({ view }: { readonly view: RunView }) {
  const { run, progress } = view;
  const now = useNow(!isOver(run.state));
  const span = spanOf(run, now);
  return (
    <ol className={classes.timeline}>
      {run.steps.map((step) => (
        <Row key={step.id} run={run} step={step} span={span} progress={progress[step.id]} />
      ))}
    </ol>
  );
}

interface RowProps {
  readonly run: Run;
  readonly step: RunStep;
  readonly span: Span | null;
  readonly progress: StepProgress | undefined;
}

function Row({ run, step, span, progress }: RowProps) {
  const i18n = useI18n();
  const { t, words, format } = i18n;
  const [opened, setOpened] = useState(false);
  const details = useId();
  const bar = span && barOf(step, span);
  const look = lookOf(run, step);
  const title = step.gate ? t('runs.gate_of', { name: words(step.title) }) : words(step.title);
  return (
    <li>
      <UnstyledButton
        className={classes.row}
        onClick={() => setOpened(!opened)}
        aria-expanded={opened}
        aria-controls={details}
        aria-label={`${title}: ${t(look.word)}`}
      >
        <span className={classes.sign}>{step.gate ? <GateMark size={15} /> : <StateIcon look={look} />}</span>
        <span className={classes.title} data-faint={step.state === 'skipped' || undefined}>
          {title}
        </span>
        <span className={classes.track}>
          {bar && (
            <span
              className={classes.bar}
              data-kind={barKind(step, look)}
              style={{ left: `min(${bar.left * 100}%, 100% - 3px)`, width: `max(3px, ${bar.width * 100}%)` }}
            />
          )}
        </span>
        <span className={classes.figure} data-tone={look.tone}>
          {step.gate && <StateIcon look={look} size={14} />}
          {figureOf(i18n, step, look, bar?.seconds, progress)}
        </span>
      </UnstyledButton>
      <Collapse expanded={opened} id={details}>
        <StepDetails run={run} step={step} seconds={bar ? format.duration(bar.seconds) : null} />
      </Collapse>
    </li>
  );
}

/** A gate says what it decided; any other step says its own state. */
export function lookOf(run: Run, step: RunStep): Look {
  const gate = step.gate ? gateState(step, findingsOf(run, step.id)) : null;
  return gate ? gateLook(gate) : stepLook(step);
}

function barKind(
  step: RunStep,
  { tone }: Look,
): 'running' | 'failed' | 'held' | 'cancelled' | 'gate' | 'done' {
  if (step.state === 'running' || step.state === 'cancelled') return step.state;
  if (tone === 'bad') return 'failed';
  if (tone === 'warn') return 'held';
  return step.gate ? 'gate' : 'done';
}

function figureOf(
  { t, format }: I18n,
  step: RunStep,
  look: Look,
  seconds: number | undefined,
  progress: StepProgress | undefined,
): string {
  // Of nothing there is no part yet: a step that still loads its model shows how long it has taken.
  if (step.state === 'running' && progress && progress.total !== 0) {
    return progress.total === null
      ? format.number(progress.done)
      : t('runs.progress', { done: progress.done, total: progress.total });
  }
  const settled = step.state === 'done' || step.state === 'running';
  if (settled && seconds !== undefined && look.tone !== 'bad') return format.duration(seconds);
  return t(look.word);
}
