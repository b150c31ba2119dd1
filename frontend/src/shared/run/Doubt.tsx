// A step that must not happen twice, and may have happened: who may run the workflow says what is true.
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconUserQuestion } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { asApiError } from '../../api/errors';
import { keys } from '../../api/queries';
import { decideEffect, type Said } from '../../api/runs';
import type { Run, RunStep } from '../../api/types';
import { useI18n } from '../../i18n';
import { Notice } from '../Notice';

interface DoubtProps {
  readonly run: Run;
  readonly step: RunStep;
  readonly mayRun: boolean;
}

export function Doubt({ run, step, mayRun }: DoubtProps) {
  const { t, words } = useI18n();
  const client = useQueryClient();
  const decide = useMutation({
    mutationFn: (decision: Said) => decideEffect(run.id, { step: step.id, attempt: step.attempt, decision }),
    onError: (error) => {
      const { message, hint } = asApiError(error);
      notifications.show({ title: message, message: hint ?? '', color: 'bad' });
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.run(run.id) }),
  });
  const button = (decision: Said, label: string, hint?: string) => (
    <Button
      size="xs"
      variant="default"
      title={hint}
      disabled={decide.isPending}
      onClick={() => decide.mutate(decision)}
    >
      {label}
    </Button>
  );
  return (
    <Notice
      tone="warn"
      icon={IconUserQuestion}
      title={
        <>
          {words(step.title)}: {t('runs.doubt_title')}
        </>
      }
      actions={
        mayRun && (
          <>
            {button('happened', t('runs.doubt_happened'), t('runs.doubt_happened_hint'))}
            {button('not_happened', t('runs.doubt_not_happened'), t('runs.doubt_not_happened_hint'))}
            {button('stop', t('runs.doubt_stop'))}
          </>
        )
      }
    >
      {step.error?.hint && <p>{words(step.error.hint)}</p>}
    </Notice>
  );
}
