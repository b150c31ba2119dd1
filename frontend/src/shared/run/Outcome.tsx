// When a run did not simply succeed: what happened, in a sentence, and the way on.
import { Button } from '@mantine/core';
import {
  IconAlertTriangle,
  IconClock,
  IconHandStop,
  IconPlayerStop,
  IconUserQuestion,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useModels } from '../../api/models';
import { askingSteps } from '../../api/questions';
import { useAppeals } from '../../api/reviews';
import type { Appeal, Problem, Run, Words } from '../../api/types';
import { useI18n, type PlainKey } from '../../i18n';
import { Notice } from '../Notice';
import { Doubt } from './Doubt';
import { FindingList } from './FindingList';
import { Questions } from './Questions';
import { WaitNote } from './WaitNote';

interface OutcomeProps {
  readonly run: Run;
  /** Whether the reader may run the workflow: nobody is told to do what is refused to them. */
  readonly mayRun: boolean;
  /** Whether they may answer what it asks; where that is not said, who may run it may. */
  readonly mayAnswer?: boolean;
  /** The buttons that lead on. */
  readonly actions?: ReactNode;
}

export function Outcome({ mayAnswer, ...props }: OutcomeProps) {
  return (
    <>
      <Questions run={props.run} mayAnswer={mayAnswer ?? props.mayRun} />
      <Standing {...props} />
    </>
  );
}

function Standing({ run, mayRun, actions }: Omit<OutcomeProps, 'mayAnswer'>) {
  const { t, words } = useI18n();
  const blocking = run.findings.filter((finding) => finding.action !== 'redact');
  switch (run.state) {
    case 'failed':
      return <Failed run={run} actions={actions} />;
    case 'blocked':
      // Not a gate: the run as a whole, for a reason that it names.
      if (run.error)
        return (
          <Notice tone="bad" icon={IconHandStop} title={words(run.error.message)} actions={actions}>
            {run.error.hint && <p>{words(run.error.hint)}</p>}
          </Notice>
        );
      return (
        <Notice tone="bad" icon={IconHandStop} title={t('runs.blocked_title')} actions={actions}>
          {blocking.length > 0 && <FindingList run={run} findings={blocking} />}
          <Withheld run={run} mayRun={mayRun} />
        </Notice>
      );
    case 'cancelled':
      return (
        <Notice tone="muted" icon={IconPlayerStop} title={t('runs.cancelled_title')} actions={actions}>
          <p>{t('runs.cancelled_text')}</p>
        </Notice>
      );
    case 'waiting':
      return <Waits run={run} mayRun={mayRun} />;
    default:
      return null;
  }
}

/** For a person, or for a moment; where it waits for both, the person comes first. */
function Waits({ run, mayRun }: Pick<OutcomeProps, 'run' | 'mayRun'>) {
  const { t, words } = useI18n();
  // What is asked stands above.
  const waiting = run.steps.filter(({ state, waits }) => state === 'waiting' && waits?.for !== 'answer');
  const asksOnly = waiting.length === 0 && askingSteps(run).length > 0;
  if (asksOnly) return null;
  const doubts = waiting.filter(({ waits }) => waits?.for === 'decision');
  if (doubts.length > 0) return doubts.map((step) => <Doubt key={step.id} {...{ run, step, mayRun }} />);
  if (waiting.some(({ waits }) => !waits))
    return (
      <Notice tone="warn" icon={IconUserQuestion} title={t('runs.waiting_title')}>
        <p>{t('runs.waiting_text')}</p>
      </Notice>
    );
  return (
    <Notice tone="muted" icon={IconClock} title={t('runs.waits_title')}>
      {waiting.map(
        ({ id, title, error, waits }) =>
          waits && (
            <p key={id}>
              <strong>{words(title)}</strong> {error && words(error.message)} <WaitNote waits={waits} />
            </p>
          ),
      )}
    </Notice>
  );
}

/** Who has seen what was withheld, and the way on for who may take it. */
function Withheld({ run, mayRun }: Pick<OutcomeProps, 'run' | 'mayRun'>) {
  const { t } = useI18n();
  const { data: appeals } = useAppeals(run.id, true);
  // Before the answer nothing is claimed: a reviewer may have let it through by now.
  return (
    <>
      {appeals && <p>{t(seenBy(run, appeals))}</p>}
      {mayRun && <p>{t(run.plan.inputs.length > 0 ? 'runs.blocked_again' : 'runs.blocked_change')}</p>}
    </>
  );
}

function seenBy(run: Run, appeals: readonly Appeal[]): PlainKey {
  if (appeals.some(({ state }) => state === 'allowed' || state === 'redacted'))
    return 'runs.withheld_released';
  // What a gate held, or somebody appealed, lay on a desk; whether it was looked at is told to reviewers alone.
  const asked =
    run.findings.some(({ action }) => action === 'hold') ||
    appeals.some(({ state }) => state !== 'possible' && state !== 'gone');
  return asked ? 'runs.withheld_reviewers' : 'runs.withheld_nobody';
}

type EndedProps = Pick<OutcomeProps, 'run' | 'actions'>;

function Failed({ run, actions }: EndedProps) {
  const culprit = run.steps.find((step) => step.state === 'failed');
  const problem = run.error ?? culprit?.error;
  if (problem?.code === 'model_missing')
    return <ModelMissing run={run} problem={problem} actions={actions} />;
  return <Failure run={run} problem={problem} hint={problem?.hint} actions={actions} />;
}

interface FailureProps extends EndedProps {
  readonly problem: Problem | null | undefined;
  readonly hint?: Words | null | undefined;
}

/** The models page is the way out only while it has something to install. */
function ModelMissing({ run, problem, actions }: FailureProps) {
  const { t } = useI18n();
  const { data: models } = useModels();
  const toInstall = models?.some(({ state, available }) => state !== 'installed' && available) ?? false;
  if (!toInstall) {
    return (
      <Failure run={run} problem={problem} actions={actions}>
        <p>{t('runs.model_nowhere')}</p>
      </Failure>
    );
  }
  const way = (
    <Button component={Link} to="/models" size="xs" variant="default">
      {t('app.shortcut_models')}
    </Button>
  );
  return (
    <Failure
      run={run}
      problem={problem}
      hint={problem?.hint}
      actions={
        <>
          {way}
          {actions}
        </>
      }
    />
  );
}

function Failure({
  run,
  problem,
  hint,
  actions,
  children,
}: FailureProps & { readonly children?: ReactNode }) {
  const { t, words } = useI18n();
  const culprit = run.steps.find((step) => step.state === 'failed');
  return (
    <Notice
      tone="bad"
      icon={IconAlertTriangle}
      title={problem ? words(problem.message) : t('runs.failed_title')}
      actions={actions}
    >
      {culprit && <p>{t('runs.failed_at', { step: words(culprit.title) })}</p>}
      {hint && <p>{words(hint)}</p>}
      {children}
    </Notice>
  );
}
