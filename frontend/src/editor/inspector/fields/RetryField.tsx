// How often the node is tried again when a fault may pass, and how long it waits before.
import { NumberInput } from '@mantine/core';
import { useState } from 'react';

import type { GraphNode } from '../../../api/types';
import { useI18n } from '../../../i18n';
import { changeRetry, endEdit } from '../../actions';
import { isRetried, LONGEST_WAIT, MOST_TRIES, NO_RETRY, type Retry } from '../../document/retry';
import type { NodeSpec } from '../../document/spec';
import classes from '../Inspector.module.css';

interface RetryProps {
  readonly node: GraphNode;
  readonly spec: NodeSpec;
}

export function RetryField({ node, spec }: RetryProps) {
  if (!isRetried(spec) && node.retry === undefined) return null;
  const retry = node.retry ?? NO_RETRY;
  const change = (part: Partial<Retry>): void => {
    const next = { ...retry, ...part };
    changeRetry(
      node.id,
      next.times > 0 ? { ...next, longest: Math.max(next.wait, next.longest) } : undefined,
    );
  };
  return (
    // Leaving a field ends its undo step, as with every setting.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={classes.form} data-wide onBlur={endEdit}>
      <Figure name="times" least={0} most={MOST_TRIES} value={retry.times} set={change} />
      {retry.times > 0 && (
        <>
          <Figure name="wait" least={1} most={LONGEST_WAIT} value={retry.wait} set={change} />
          {retry.times > 1 && (
            <Figure name="longest" least={1} most={LONGEST_WAIT} value={retry.longest} set={change} />
          )}
        </>
      )}
    </div>
  );
}

interface FigureProps {
  readonly name: keyof Retry;
  readonly least: number;
  readonly most: number;
  readonly value: number;
  readonly set: (part: Partial<Retry>) => void;
}

/** While it is written it may be empty; what is no number changes nothing. */
function Figure({ name, least, most, value, set }: FigureProps) {
  const { t } = useI18n();
  const [written, setWritten] = useState<number | string | null>(null);
  return (
    <NumberInput
      label={t(`editor.retry_${name}`)}
      description={name === 'times' ? t('editor.retry_hint') : undefined}
      min={least}
      max={most}
      allowDecimal={false}
      value={written ?? value}
      onChange={(next) => {
        setWritten(next);
        if (typeof next === 'number') set({ [name]: Math.min(most, Math.max(least, next)) });
      }}
      onBlur={() => setWritten(null)}
      data-testid={`retry-${name}`}
    />
  );
}
