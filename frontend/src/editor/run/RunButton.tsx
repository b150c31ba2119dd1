// Run, or Stop while a run is on its way.
import { Button, Kbd } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';

import { useI18n } from '../../i18n';
import { metaKey } from '../shortcuts/keys';
import classes from './Run.module.css';
import { pressRun, stopRun, useStarting } from './start';
import { useIsRunning } from './store';

export function RunButton() {
  const { t } = useI18n();
  const busy = useStarting((state) => state.busy);
  const running = useIsRunning();
  return (
    <>
      {running && (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} stroke={1.5} />}
          onClick={() => void stopRun()}
          data-testid="stop"
        >
          {t('runs.stop')}
        </Button>
      )}
      <Button
        leftSection={<IconPlayerPlay size={16} stroke={1.7} />}
        rightSection={<Kbd className={classes.key}>{metaKey()}↵</Kbd>}
        loading={busy}
        onClick={() => void pressRun()}
        data-testid="run"
      >
        {t('editor.run')}
      </Button>
    </>
  );
}
