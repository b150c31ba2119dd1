// The two ways of a draft into real runs: in force, or looking on from the shadow. Both need a reason.
import { Button, Group, Modal, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState, type KeyboardEvent, type SyntheticEvent } from 'react';

import { usePolicyPreview, usePublishPolicy, useStartPolicyShadow, type Whose } from '../../api/policies';
import type { PolicyState } from '../../api/types';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { Notice } from '../../shared/Notice';
import { countsOf } from './counts';
import classes from './Policy.module.css';

export type Deed = 'force' | 'shadow';

interface PutInForceProps {
  readonly whose: Whose;
  readonly state: PolicyState;
  /** Closed when there is none. */
  readonly deed: Deed | null;
  readonly onClose: () => void;
  /** After it came into force. */
  readonly onDone: () => void;
}

export function PutInForce({ deed, ...props }: PutInForceProps) {
  const { t } = useI18n();
  return (
    <Modal
      opened={deed !== null}
      onClose={props.onClose}
      title={t(deed === 'shadow' ? 'policy.shadow_title' : 'policy.force_title')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {deed !== null && <Form key={deed} deed={deed} {...props} />}
    </Modal>
  );
}

interface FormProps extends PutInForceProps {
  readonly deed: Deed;
}

function Form({ whose, state, deed, onClose, onDone }: FormProps) {
  const { t } = useI18n();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const force = usePublishPolicy(whose);
  const cast = useStartPolicyShadow(whose);
  const busy = force.isPending || cast.isPending;
  const error = force.error ?? cast.error;
  const seen = state.draft?.seen ?? '';

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setMissing(reason.trim() === '');
    if (reason.trim() === '' || busy) return;
    const body = { reason: reason.trim(), seen };
    if (deed === 'shadow')
      cast.mutate(body, {
        onSuccess: () => {
          notifications.show({ message: t('policy.shadow_started') });
          onClose();
        },
      });
    else
      force.mutate(body, {
        onSuccess: ({ version }) => {
          notifications.show({ message: t('policy.forced', { version: String(version) }) });
          onDone();
          onClose();
        },
      });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
  };
  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <p className={classes.note}>{t(deed === 'shadow' ? 'policy.shadow_text' : 'policy.force_text')}</p>
      {deed === 'force' && <Stops whose={whose} seen={seen} />}
      <Textarea
        label={t('policy.reason')}
        placeholder={t('policy.reason_hint')}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={2_000}
        value={reason}
        error={missing && reason.trim() === '' ? t('policy.reason_missing') : null}
        onChange={(event) => setReason(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        data-autofocus
      />
      {error && <ErrorNotice error={error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t('common.cancel')}
        </Button>
        <Button type="submit" loading={busy}>
          {t(deed === 'shadow' ? 'policy.shadow_go' : 'policy.force')}
        </Button>
      </Group>
    </form>
  );
}

/** Said once more where it is decided: what was looked at stays as it was told below. */
function Stops({ whose, seen }: { readonly whose: Whose; readonly seen: string }) {
  const { t } = useI18n();
  const { data } = usePolicyPreview(whose, seen, seen !== '');
  const { stops } = countsOf(data?.pages ?? []);
  if (stops === 0) return null;
  return <Notice tone="warn" icon={IconAlertTriangle} title={t('policy.force_stops', { count: stops })} />;
}
