// Publish the draft under a number, see the versions, share one as a template.
import { Modal } from '@mantine/core';
import { useState } from 'react';
import type { Version, Workflow } from '../api/types';
import { useI18n } from '../i18n';
import { PublishForm } from './PublishForm';
import { ShareForm } from './ShareForm';
import { VersionList } from './VersionList';
import classes from './publish.module.css';

interface PublishDialogProps {
  /** Its draft must be saved: the server publishes what it has. */
  readonly workflow: Pick<Workflow, 'id' | 'name' | 'description'>;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function PublishDialog({ workflow, opened, onClose }: PublishDialogProps) {
  const { t } = useI18n();
  const [sharing, setSharing] = useState<Version | null>(null);
  const close = () => {
    setSharing(null);
    onClose();
  };
  const title = sharing
    ? t('workflows.share_title', { number: sharing.number })
    : t('workflows.publish_title', { name: workflow.name });
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={title}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <div className={classes.dialog}>
        {sharing ? (
          <ShareForm workflow={workflow} version={sharing} onBack={() => setSharing(null)} onDone={close} />
        ) : (
          <>
            <PublishForm workflow={workflow} />
            <VersionList workflow={workflow.id} onShare={setSharing} />
          </>
        )}
      </div>
    </Modal>
  );
}
