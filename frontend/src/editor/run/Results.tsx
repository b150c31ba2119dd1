// What the run has given, as far as its gates have let it through; and what stopped it.
import { Button } from '@mantine/core';

import { isOver } from '../../api/runs';
import type { RunView } from '../../api/runState';
import { useI18n } from '../../i18n';
import { FindingList } from '../../shared/run/FindingList';
import { Outcome } from '../../shared/run/Outcome';
import { RestartButton } from '../../shared/run/RestartButton';
import { ResultList } from '../../shared/run/ResultList';
import { useLocked } from '../document/store';
import { focusNode } from '../canvas/focus';
import classes from './Run.module.css';
import { followRestarted, pressRun } from './start';

export function Results({ view }: { readonly view: RunView }) {
  const { t } = useI18n();
  const locked = useLocked();
  const { run } = view;
  const redactions = run.findings.filter((finding) => finding.action === 'redact');
  const culprit = run.error?.node ?? run.steps.find((step) => step.state === 'failed')?.node ?? null;
  return (
    <div className={classes.results} data-testid="results">
      <Outcome
        run={run}
        mayRun={!locked}
        actions={
          <>
            {run.state === 'failed' && culprit !== null && (
              <Button size="xs" variant="default" onClick={() => focusNode(culprit)}>
                {t('editor.show_node')}
              </Button>
            )}
            {!locked && <RestartButton run={run} onStarted={followRestarted} />}
          </>
        }
      />
      <ResultList view={view} />
      {redactions.length > 0 && <FindingList run={view.run} findings={redactions} />}
      {isOver(run.state) && !locked && (
        <Button size="xs" variant="default" onClick={() => void pressRun(run.to)} data-testid="run-again">
          {t('runs.again')}
        </Button>
      )}
    </div>
  );
}
