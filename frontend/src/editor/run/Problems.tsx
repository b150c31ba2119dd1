// All that is wrong with the draft, in one list; a press leads to the node.
import { IconAlertCircle, IconAlertTriangle, IconCircleCheck, IconCloudOff } from '@tabler/icons-react';

import type { Issue } from '../../api/types';
import { useI18n } from '../../i18n';
import { EmptyState } from '../../shared/EmptyState';
import { focusNode } from '../canvas/focus';
import { findNode } from '../document/lookup';
import { useDocument } from '../document/store';
import { usePreview } from '../preview/store';
import classes from './Run.module.css';

export function Problems() {
  const { t } = useI18n();
  const issues = usePreview((state) => state.issues);
  const state = usePreview((state) => state.state);
  if (state === 'unreachable') {
    return (
      <EmptyState icon={IconCloudOff} title={t('common.unreachable')} text={t('editor.problems_later')} />
    );
  }
  if (issues.length === 0) {
    return (
      <EmptyState
        icon={IconCircleCheck}
        title={t('editor.no_problems_title')}
        text={t('editor.no_problems_text')}
      />
    );
  }
  return (
    <ul className={classes.problems} data-testid="problems">
      {issues.map((issue, index) => (
        <Problem key={`${issue.code}-${issue.node ?? ''}-${index}`} issue={issue} />
      ))}
    </ul>
  );
}

function Problem({ issue }: { readonly issue: Issue }) {
  const { words } = useI18n();
  const edge = useDocument(({ history }) =>
    history.doc.edges.find((candidate) => candidate.id === issue.edge),
  );
  const id = issue.node ?? edge?.target.node ?? null;
  const node = useDocument(({ history }) => (id === null ? undefined : findNode(history.doc, id)));
  const Sign = issue.severity === 'error' ? IconAlertCircle : IconAlertTriangle;
  const content = (
    <>
      <Sign size={16} stroke={1.6} className={classes.sign} data-severity={issue.severity} aria-hidden />
      <span>
        {words(issue.message)}
        {issue.hint && <em>{words(issue.hint)}</em>}
      </span>
    </>
  );
  return (
    <li>
      {node ? (
        <button type="button" onClick={() => focusNode(node.id)}>
          {content}
        </button>
      ) : (
        <div>{content}</div>
      )}
    </li>
  );
}
