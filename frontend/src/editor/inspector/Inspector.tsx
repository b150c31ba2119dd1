// The right side: the selected node's settings, its last run and its help; with nothing selected, the workflow.
import { useI18n } from '../../i18n';
import { findNode } from '../document/lookup';
import { useDocument } from '../document/store';
import classes from './Inspector.module.css';
import { NodePanel } from './NodePanel';
import { WorkflowPanel } from './WorkflowPanel';

export function Inspector() {
  const { t } = useI18n();
  const count = useDocument((state) => state.selection.nodes.size);
  const node = useDocument(({ selection, history }) => {
    const [only] = selection.nodes;
    return selection.nodes.size === 1 && only !== undefined ? findNode(history.doc, only) : undefined;
  });
  return (
    <aside
      className={classes.inspector}
      aria-label={t('editor.inspector')}
      data-testid="inspector"
      data-inspector
    >
      {node ? (
        <NodePanel key={node.id} node={node} />
      ) : count > 1 ? (
        <p className={classes.several}>{t('editor.several_selected', { count })}</p>
      ) : (
        <WorkflowPanel />
      )}
    </aside>
  );
}
