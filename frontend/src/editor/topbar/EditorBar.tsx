// The top bar of the editor: its name, whether it is saved, undo and redo, publish, run.
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowBackUp, IconArrowForwardUp } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';

import { asApiError } from '../../api/errors';
import { useChangeWorkflow } from '../../api/workflows';
import { TopBar } from '../../app/topbar';
import { useI18n } from '../../i18n';
import { useDocument, useLocked } from '../document/store';
import { RunButton } from '../run/RunButton';
import { ReadOnlyMark, SaveMark } from '../save/SaveMark';
import { saveNow } from '../save/store';
import { useEditor } from '../state/editor';
import classes from './EditorBar.module.css';

const PublishDialog = lazy(async () => ({
  default: (await import('../../pages/workflows/PublishDialog')).PublishDialog,
}));

export function EditorBar() {
  const name = useEditor((state) => state.name);
  return <TopBar title={name} left={<Left />} right={<Right />} />;
}

function Left() {
  const locked = useLocked();
  return (
    <>
      <Name />
      {locked ? <ReadOnlyMark /> : <SaveMark />}
    </>
  );
}

function Name() {
  const { t } = useI18n();
  const { workflow, name } = useEditor();
  const change = useChangeWorkflow();
  const locked = useLocked();
  const save = (typed: string): void => {
    const next = typed.trim();
    if (next === '' || locked) return;
    change.mutate(
      { id: workflow, name: next },
      { onError: (error) => notifications.show({ message: asApiError(error).message, color: 'bad' }) },
    );
  };
  return (
    <span className={classes.name} data-value={name}>
      <input
        aria-label={t('editor.workflow_name')}
        value={name}
        readOnly={locked}
        maxLength={120}
        onChange={(event) => useEditor.setState({ name: event.currentTarget.value })}
        onBlur={(event) => save(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        data-testid="workflow-name"
      />
    </span>
  );
}

function Right() {
  return useLocked() ? null : <Deeds />;
}

function Deeds() {
  const { t } = useI18n();
  const workflow = useEditor((state) => state.workflow);
  const [publishing, setPublishing] = useState(false);
  const publish = async (): Promise<void> => {
    // A version is made of what the server has.
    if (await saveNow()) setPublishing(true);
  };
  return (
    <>
      <History />
      <Button
        variant="default"
        className={classes.publish}
        onClick={() => void publish()}
        data-testid="publish"
      >
        {t('editor.publish')}
      </Button>
      <RunButton />
      {publishing && (
        <Suspense>
          <PublishDialog workflow={workflow} opened onClose={() => setPublishing(false)} />
        </Suspense>
      )}
    </>
  );
}

function History() {
  const { t } = useI18n();
  const { undo, redo } = useDocument.getState();
  const canUndo = useDocument((state) => state.history.undo.length > 0);
  const canRedo = useDocument((state) => state.history.redo.length > 0);
  return (
    <ActionIcon.Group className={classes.history}>
      <Tooltip label={t('editor.undo')}>
        <ActionIcon
          variant="default"
          size={34}
          aria-label={t('editor.undo')}
          disabled={!canUndo}
          onClick={undo}
          data-testid="undo"
        >
          <IconArrowBackUp size={17} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t('editor.redo')}>
        <ActionIcon
          variant="default"
          size={34}
          aria-label={t('editor.redo')}
          disabled={!canRedo}
          onClick={redo}
          data-testid="redo"
        >
          <IconArrowForwardUp size={17} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
    </ActionIcon.Group>
  );
}
