// Publish the draft under a number, see the versions, share one as a template. The editor opens it.
import { Modal } from '@mantine/core';
import { useState } from 'react';
import type { Id, Version } from '../../api/types';
import { useWorkflow } from '../../api/workflows';
import { useI18n } from '../../i18n';
import { PublishForm } from './PublishForm';
import { ShareForm } from './ShareForm';
import { VersionList } from './VersionList';
import classes from './publish.module.css';

interface PublishDialogProps {
  /** Its draft must be saved: the server publishes what it has. */
  readonly workflow: Id;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function PublishDialog({ workflow, opened, onClose }: PublishDialogProps) {
  const { t } = useI18n();
  const { data } = useWorkflow(workflow);
  const [sharing, setSharing] = useState<Version | null>(null);
  const close = () => {
    setSharing(null);
    onClose();
  };
  const title = sharing
    ? t('workflows.share_title', { number: sharing.number })
    : t('workflows.publish_title', { name: data?.name ?? '…' });
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={title}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <div className={classes.dialog}>
        {sharing && data ? (
          <ShareForm workflow={data} version={sharing} onBack={() => setSharing(null)} onDone={close} />
        ) : (
          <>
            <PublishForm workflow={workflow} />
            <VersionList workflow={workflow} onShare={setSharing} />
          </>
        )}
      </div>
    </Modal>
  );
}
