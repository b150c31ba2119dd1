// One run: how it went, what came out, what the gates found, step by step; live while it moves.
import { useNavigate, useParams } from 'react-router';
import { isFileType } from '../../api/assets';
import { isOver } from '../../api/runs';
import type { RunView } from '../../api/runState';
import { mayWrite, type Run } from '../../api/types';
import { useRememberRun, useRunView } from '../../api/useRunView';
import { useWorkspace } from '../../app/workspace';
import { useI18n, type PlainKey } from '../../i18n';
import { Failure } from '../../shared/Failure';
import { Card, Page, Section } from '../../shared/Page';
import { StoredFile } from '../../shared/StoredFile';
import { FindingList } from '../../shared/run/FindingList';
import { Outcome } from '../../shared/run/Outcome';
import { ResultList } from '../../shared/run/ResultList';
import { ResultValue } from '../../shared/run/ResultValue';
import { RestartButton } from '../../shared/run/RestartButton';
import { RunProgress } from '../../shared/run/RunProgress';
import { Timeline } from '../../shared/run/Timeline';
import { Waiting } from '../../shared/Waiting';
import { Appeals } from './Appeals';
import { RunBar } from './RunBar';
import classes from './RunPage.module.css';

export function RunPage() {
  const { id = '' } = useParams();
  const { view, error, status, reload } = useRunView(id);
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const remember = useRememberRun();
  if (error && !view) return <Failure error={error} onRetry={reload} />;
  if (!view) return <Waiting />;
  const mayAnswer = workspace !== undefined && mayWrite(workspace.role);
  const mayRun = view.run.workflow !== null && mayAnswer;
  return (
    <Page>
      <RunBar run={view.run} />
      <RunProgress view={view} status={status} />
      <Outcome
        run={view.run}
        mayRun={mayRun}
        mayAnswer={mayAnswer}
        actions={
          mayRun && (
            <RestartButton
              run={view.run}
              onStarted={(next) => {
                remember(next);
                void navigate(`/runs/${next.id}`);
              }}
            />
          )
        }
      />
      <Appeals run={view.run} />
      <Results view={view} />
      <Redacted run={view.run} />
      <Steps view={view} />
      <Inputs run={view.run} />
    </Page>
  );
}

function Results({ view }: { readonly view: RunView }) {
  const { t } = useI18n();
  const { run } = view;
  // A run that ended without any result has said so above.
  if (isOver(run.state) && run.outputs.length === 0 && run.state !== 'succeeded') return null;
  return (
    <Section title={t('runs.outputs')}>
      <Card>
        {run.plan.outputs.length === 0 ? (
          <p className={classes.none}>{t('runs.outputs_none')}</p>
        ) : (
          <ResultList view={view} />
        )}
      </Card>
    </Section>
  );
}

/** What was blocked stands in the outcome; what was only removed is told here. */
function Redacted({ run }: { readonly run: Run }) {
  const { t } = useI18n();
  const findings =
    run.state === 'blocked' ? run.findings.filter(({ action }) => action === 'redact') : run.findings;
  if (findings.length === 0) return null;
  return (
    <Section title={t('runs.findings')}>
      <Card>
        <FindingList run={run} findings={findings} />
      </Card>
    </Section>
  );
}

function Steps({ view }: { readonly view: RunView }) {
  const { t } = useI18n();
  return (
    <Section title={t('runs.timeline')}>
      <Card>
        <Timeline view={view} />
      </Card>
    </Section>
  );
}

/** Why there is nothing to see: what somebody else gave is shown to them alone. */
function noInputs(run: Run): PlainKey {
  if (run.plan.inputs.length === 0) return 'runs.inputs_none';
  return run.own ? 'runs.inputs_empty' : 'runs.inputs_hidden';
}

function Inputs({ run }: { readonly run: Run }) {
  const { t } = useI18n();
  const given = Object.entries(run.inputs);
  return (
    <Section title={t('runs.inputs')}>
      <Card>
        {given.length === 0 ? (
          <p className={classes.none}>{t(noInputs(run))}</p>
        ) : (
          <dl className={classes.inputs}>
            {given.map(([name, value]) => {
              const argument = run.plan.inputs.find((input) => input.name === name);
              const title = argument?.title ?? name;
              return (
                <div key={name}>
                  <dt>{title}</dt>
                  <dd>
                    {isFileType(argument?.type) && typeof value === 'string' ? (
                      <StoredFile asset={value} type={argument.type} label={title} />
                    ) : (
                      <ResultValue title={title} value={value} />
                    )}
                  </dd>
                </div>
              );
            })}
          </dl>
        )}
      </Card>
    </Section>
  );
}
