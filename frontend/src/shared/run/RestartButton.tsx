// Begins a run again that did not succeed: what had ended in it is not made anew.
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlayerTrackNext } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { asApiError } from '../../api/errors';
import { freshKey } from '../../api/ids';
import { canRestart, restartRun } from '../../api/runs';
import type { Run } from '../../api/types';
import { useI18n } from '../../i18n';

interface RestartProps {
  readonly run: Run;
  readonly onStarted: (next: Run) => void;
}

export function RestartButton({ run, onStarted }: RestartProps) {
  const { t } = useI18n();
  const restart = useMutation({
    mutationFn: (again: boolean) => restartRun(run.id, freshKey(), again),
    onSuccess: onStarted,
    onError: (error) => {
      const { message, hint } = asApiError(error);
      notifications.show({ title: message, message: hint ?? '', color: 'bad' });
    },
  });
  // Refused once, because something may happen twice then: pressed again, it is what the person wants.
  const again = restart.error !== null && asApiError(restart.error).code === 'may_happen_twice';
  if (!canRestart(run.state) || run.workflow === null) return null;
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconPlayerTrackNext size={15} stroke={1.5} />}
      title={t('runs.restart_hint')}
      loading={restart.isPending}
      onClick={() => restart.mutate(again)}
      data-testid="restart-run"
    >
      {t(again ? 'runs.restart_again' : 'runs.restart')}
    </Button>
  );
}
