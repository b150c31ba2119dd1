// What a run promised, each in its place: the value, the part released so far, or why there is none.
import { IconHandStop, IconClock } from '@tabler/icons-react';
import { isOver } from '../../api/runs';
import type { RunView } from '../../api/runState';
import type { PromisedOutput } from '../../api/types';
import { useI18n } from '../../i18n';
import { Picture } from '../Picture';
import { Spinner } from '../Spinner';
import classes from './ResultList.module.css';
import { ResultValue } from './ResultValue';
import { TextFiles } from './TextFiles';
import { titleOfOutput } from './titleOfOutput';

interface ListProps {
  readonly view: RunView;
  /** Only what stands at this node. */
  readonly node?: string;
}

export function ResultList({ view, node }: ListProps) {
  const { words } = useI18n();
  const { plan } = view.run;
  const promised = plan.outputs.filter((output) => node === undefined || output.node === node);
  return (
    <ul className={classes.list}>
      {promised.map((output) => (
        <li key={output.name} className={classes.result}>
          <h3>{titleOfOutput(plan, output, words)}</h3>
          <Result view={view} promised={output} />
        </li>
      ))}
    </ul>
  );
}

interface ResultProps {
  readonly view: RunView;
  readonly promised: PromisedOutput;
}

function Result({ view, promised }: ResultProps) {
  const { t, words } = useI18n();
  const { run, partials, previews } = view;
  const output = run.outputs.find((candidate) => candidate.name === promised.name);
  if (output) {
    return (
      <ResultValue
        title={titleOfOutput(run.plan, promised, words)}
        value={output.value}
        tools={<TextFiles run={run.id} output={output.name} />}
      />
    );
  }
  if (isOver(run.state)) {
    return run.state === 'blocked' ? (
      <p className={classes.withheld}>
        <IconHandStop size={16} stroke={1.5} aria-hidden />
        {t('workflows.app_withheld')}
      </p>
    ) : (
      <p className={classes.none}>{t('runs.no_result')}</p>
    );
  }
  const partial = partials[promised.name];
  const preview = promised.type === 'image' ? Object.values(previews).at(-1) : undefined;
  return (
    <div aria-live="polite" aria-busy>
      {partial !== undefined && <p className={classes.text}>{partial}</p>}
      {preview !== undefined && <Picture src={preview} alt="" width={256} height={256} preview />}
      {run.state === 'waiting' ? (
        <p className={classes.waiting}>
          <IconClock size={16} stroke={1.5} aria-hidden /> {t('runs.state_waiting')}
        </p>
      ) : (
        <p className={classes.waiting}>
          <Spinner /> {t(run.state === 'queued' ? 'runs.state_queued' : 'workflows.app_checking')}
        </p>
      )}
    </div>
  );
}
