// How many problems a node has; a press says which, and the way out of each.
import { Popover } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle } from '@tabler/icons-react';

import type { Issue } from '../../api/types';
import { useI18n } from '../../i18n';
import classes from './NodeCard.module.css';

export function IssueBadge({ issues }: { issues: readonly Issue[] }) {
  const { t } = useI18n();
  const severity = issues.some((issue) => issue.severity === 'error') ? 'error' : 'warning';
  const Mark = severity === 'error' ? IconAlertCircle : IconAlertTriangle;
  return (
    <Popover position="top" width={280} withArrow>
      <Popover.Target>
        <button
          type="button"
          className={`${classes.badge} nodrag`}
          data-severity={severity}
          data-testid="issues"
          aria-label={t('editor.problems_count', { count: issues.length })}
        >
          <Mark size={15} stroke={1.7} aria-hidden />
          {issues.length > 1 && issues.length}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <IssueList issues={issues} />
      </Popover.Dropdown>
    </Popover>
  );
}

function IssueList({ issues }: { issues: readonly Issue[] }) {
  const { words } = useI18n();
  return (
    <ul className={classes.issues}>
      {issues.map((issue, index) => (
        <li key={`${issue.code}-${index}`}>
          <b>{words(issue.message)}</b>
          {issue.hint && <span>{words(issue.hint)}</span>}
        </li>
      ))}
    </ul>
  );
}
