// The form of a workflow's inputs and, beside it, what its run gives.
import { Button, Kbd } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type KeyboardEvent, type SyntheticEvent } from 'react';
import { Link } from 'react-router';
import { asApiError } from '../../api/errors';
import { freshKey } from '../../api/ids';
import { isOver, startRun } from '../../api/runs';
import type { Id, PlanView, Workflow } from '../../api/types';
import { useRememberRun, useRunView, type LiveRun } from '../../api/useRunView';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { Card, Section } from '../../shared/Page';
import { FindingList } from '../../shared/run/FindingList';
import { Outcome } from '../../shared/run/Outcome';
import { ResultList } from '../../shared/run/ResultList';
import { RunProgress } from '../../shared/run/RunProgress';
import { Waiting } from '../../shared/Waiting';
import { InputField } from './InputField';
import { defaultsOf, problemsFrom, problemsOf, toSend, type Problems, type Values } from './inputs';
import classes from './WorkflowAppPage.module.css';

interface RunFormProps {
  readonly workflow: Workflow;
  readonly plan: PlanView;
  readonly version: number | null;
}

export function RunForm({ workflow, plan, version }: RunFormProps) {
  const i18n = useI18n();
  const { t } = i18n;
  const [values, setValues] = useState<Values>(() => defaultsOf(plan.inputs));
  const [problems, setProblems] = useState<Problems>({});
  const [runId, setRunId] = useState<Id | null>(null);
  const live = useRunView(runId);
  const remember = useRememberRun();
  const start = useMutation({
    mutationFn: () => startRun(workflow.id, { inputs: toSend(values), version, key: freshKey() }),
    onSuccess: (run) => {
      remember(run);
      setRunId(run.id);
    },
    onError: (error) => setProblems(problemsFrom(i18n, asApiError(error).issues)),
  });
  const moving = live.view !== undefined && !isOver(live.view.run.state);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (moving || start.isPending) return;
    const found = problemsOf(i18n, plan.inputs, values);
    setProblems(found);
    if (Object.keys(found).length === 0) start.mutate();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit(event);
  };

  return (
    <div className={classes.columns}>
      <Section title={t('workflows.app_inputs')}>
        <Card>
          {/* Ctrl+Enter runs from any field, as in the editor; the button is the plain way. */}
          {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
          <form className={classes.form} onSubmit={submit} onKeyDown={onKeyDown} noValidate>
            {plan.inputs.length === 0 && <p className={classes.note}>{t('workflows.app_no_inputs')}</p>}
            {plan.inputs.map((input) => (
              <InputField
                key={input.name}
                workspace={workflow.workspace}
                input={input}
                value={values[input.name] ?? null}
                problem={problems[input.name]}
                onChange={(value) => setValues((before) => ({ ...before, [input.name]: value }))}
              />
            ))}
            {start.error && Object.keys(problems).length === 0 && <ErrorNotice error={start.error} />}
            <Button
              type="submit"
              leftSection={<IconPlayerPlay size={16} stroke={1.5} />}
              rightSection={<Kbd className={classes.keys ?? ''}>{RUN_KEYS}</Kbd>}
              loading={start.isPending}
              disabled={moving}
            >
              {t(runId === null ? 'workflows.app_run' : 'workflows.app_run_again')}
            </Button>
          </form>
        </Card>
      </Section>
      <Section title={t('workflows.app_outputs')}>
        <Card>
          {runId === null ? (
            <p className={classes.note}>
              {t(plan.outputs.length === 0 ? 'workflows.app_no_outputs' : 'workflows.app_outputs_empty')}
            </p>
          ) : (
            <Results live={live} />
          )}
        </Card>
      </Section>
    </div>
  );
}

const RUN_KEYS = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘↵' : 'Ctrl ↵';

function Results({ live }: { readonly live: LiveRun }) {
  const { t } = useI18n();
  const { view, error, status, reload } = live;
  if (error) return <ErrorNotice error={error} onRetry={reload} />;
  if (!view) return <Waiting />;
  const redactions = view.run.findings.filter((finding) => finding.action === 'redact');
  return (
    <div className={classes.results}>
      <RunProgress view={view} status={status} />
      {/* Who started a run here may start another. */}
      <Outcome run={view.run} mayRun />
      {(view.run.outputs.length > 0 || !isOver(view.run.state)) && <ResultList view={view} />}
      {redactions.length > 0 && <FindingList run={view.run} findings={redactions} />}
      <Link to={`/runs/${view.run.id}`} className={classes.more}>
        {t('workflows.app_details')}
      </Link>
    </div>
  );
}
