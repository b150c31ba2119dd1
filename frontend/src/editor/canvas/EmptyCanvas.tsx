// An empty canvas teaches one thing, how a node gets there, and offers to do it.
import { Button } from '@mantine/core';
import { IconPlus, IconSitemap } from '@tabler/icons-react';
import { useReactFlow } from '@xyflow/react';

import { useI18n } from '../../i18n';
import { EmptyState } from '../../shared/EmptyState';
import { addNodeNear } from '../actions';
import { groupsOf, mainType } from '../palette/search';
import { useEditor } from '../state/editor';
import classes from './Canvas.module.css';
import { middleOfCanvas } from './middle';

export function EmptyCanvas() {
  const { t, words } = useI18n();
  const flow = useReactFlow();
  const catalog = useEditor((state) => state.catalog);
  const inputs = groupsOf(catalog)[0]?.specs ?? [];
  const first = inputs.find((spec) => mainType(spec) === 'text') ?? inputs[0];
  return (
    <div className={classes.empty}>
      <EmptyState
        icon={IconSitemap}
        title={t('editor.empty_title')}
        text={t('editor.empty_text')}
        action={
          first && (
            <Button
              leftSection={<IconPlus size={16} stroke={1.5} />}
              onClick={() => addNodeNear(first, flow.screenToFlowPosition(middleOfCanvas()))}
            >
              {t('editor.empty_action', { name: words(first.title) })}
            </Button>
          )
        }
      />
    </div>
  );
}
