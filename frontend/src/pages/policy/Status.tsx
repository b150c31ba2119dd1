// How things stand: what is in force and whose it is, or the draft with all that keeps it from coming into force.
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconEdit, IconShieldCheck } from '@tabler/icons-react';

import type { Whose } from '../../api/policies';
import type { PolicyState } from '../../api/types';
import { useI18n } from '../../i18n';
import { Notice } from '../../shared/Notice';
import type { DraftEditing } from './useDraft';

interface StatusProps {
  readonly whose: Whose;
  readonly state: PolicyState;
  readonly draft: DraftEditing;
  readonly onDiscard: () => void;
}

export function Status({ whose, state, draft, onDiscard }: StatusProps) {
  if (state.draft) return <Drafted state={state} draft={draft} onDiscard={onDiscard} />;
  if (state.own) return <Own own={state.own} />;
  return state.may_change ? <Teach whose={whose} /> : <ReadOnly />;
}

function Drafted({ state, draft, onDiscard }: Omit<StatusProps, 'whose'>) {
  const { t, words, format } = useI18n();
  if (!state.draft) return null;
  const { by, updated, faults, moved } = state.draft;
  return (
    <>
      {moved && (
        <Notice
          tone="warn"
          icon={IconAlertTriangle}
          title={t('policy.moved_title')}
          actions={
            <Button
              size="xs"
              variant="default"
              disabled={draft.busy}
              onClick={() => draft.keepOn(state.own?.version ?? 0)}
            >
              {t('policy.moved_keep', { version: String(state.own?.version ?? 0) })}
            </Button>
          }
        >
          <p>{t('policy.moved_text')}</p>
        </Notice>
      )}
      <div data-testid="draft">
        <Notice
          tone={faults.length > 0 ? 'bad' : 'accent'}
          icon={faults.length > 0 ? IconAlertTriangle : IconEdit}
          title={t('policy.draft_title')}
          actions={
            <Button size="xs" variant="default" disabled={draft.busy} onClick={onDiscard}>
              {t('policy.discard')}
            </Button>
          }
        >
          {by && <p>{t('policy.draft_by', { who: by, when: format.ago(updated) })}</p>}
          <p>
            {faults.length === 0
              ? t('policy.draft_ready')
              : t('policy.draft_faults', { count: faults.length })}
          </p>
          {faults.length > 0 && (
            <ul>
              {faults.map(({ rule, code, message }, index) => (
                // Several faults of one rule may have one code.
                <li key={`${rule} ${code} ${index}`}>{words(message)}</li>
              ))}
            </ul>
          )}
        </Notice>
      </div>
    </>
  );
}

function Own({ own }: { readonly own: NonNullable<PolicyState['own']> }) {
  const { t, format } = useI18n();
  return (
    <Notice
      tone="muted"
      icon={IconShieldCheck}
      title={t('policy.own_title', { version: String(own.version) })}
    >
      <p>{t('policy.own_text', { author: own.author, when: format.ago(own.created), reason: own.reason })}</p>
      <p>{t('policy.own_floor')}</p>
    </Notice>
  );
}

function Teach({ whose }: { readonly whose: Whose }) {
  const { t } = useI18n();
  const [title, text] =
    whose.workflow === null
      ? [t('policy.teach_workspace_title'), t('policy.teach_workspace_text')]
      : [t('policy.teach_workflow_title'), t('policy.teach_workflow_text')];
  return (
    <Notice tone="accent" icon={IconShieldCheck} title={title}>
      <p>{text}</p>
    </Notice>
  );
}

function ReadOnly() {
  const { t } = useI18n();
  return (
    <Notice tone="muted" icon={IconShieldCheck} title={t('policy.read_title')}>
      <p>{t('policy.read_text')}</p>
    </Notice>
  );
}
