// The policy of a workspace, or of one of its workflows: everybody of it reads what holds, an owner drafts and publishes.
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router';

import { asApiError } from '../../api/errors';
import { usePolicy, type Whose } from '../../api/policies';
import type { PolicyState } from '../../api/types';
import { useWorkflow } from '../../api/workflows';
import { TopBar } from '../../app/topbar';
import { useWorkspace } from '../../app/workspace';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { Failure } from '../../shared/Failure';
import { Page } from '../../shared/Page';
import { Waiting } from '../../shared/Waiting';
import { BesideRules } from './BesideRules';
import { Effects } from './Effects';
import { History } from './History';
import { PutInForce, type Deed } from './PutInForce';
import { Rules } from './Rules';
import { ShadowSection } from './ShadowSection';
import { Status } from './Status';
import { TryPolicy } from './TryPolicy';
import { useDraft } from './useDraft';

export function PolicyPage() {
  const { t } = useI18n();
  const workspace = useWorkspace();
  if (!workspace) return <Waiting />;
  return (
    <Loaded
      key={workspace.id}
      whose={{ workspace: workspace.id, workflow: null }}
      title={t('policy.of_workspace', { name: workspace.name })}
    />
  );
}

export function WorkflowPolicyPage() {
  const { id = '' } = useParams();
  const { t } = useI18n();
  const { data: workflow, error, refetch } = useWorkflow(id);
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!workflow) return <Waiting />;
  return (
    <Loaded
      key={id}
      whose={{ workspace: workflow.workspace, workflow: id }}
      title={t('policy.of_workflow', { name: workflow.name })}
    />
  );
}

interface LoadedProps {
  readonly whose: Whose;
  readonly title: string;
}

function Loaded({ whose, title }: LoadedProps) {
  const { data: state, error, refetch } = usePolicy(whose);
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!state) return <Waiting />;
  return <Policy whose={whose} title={title} state={state} onReload={() => void refetch()} />;
}

interface PolicyProps extends LoadedProps {
  readonly state: PolicyState;
  readonly onReload: () => void;
}

function Policy({ whose, title, state, onReload }: PolicyProps) {
  const { t } = useI18n();
  const draft = useDraft(whose, state);
  const [deed, setDeed] = useState<Deed | null>(null);
  useHotkeys([['mod+Z', draft.undo]]);
  const reload = (): void => {
    draft.forget();
    onReload();
  };
  return (
    <Page>
      <TopBar
        title={title}
        right={
          state.may_change && (
            <>
              <Tooltip label={t('policy.undo')}>
                <ActionIcon
                  variant="default"
                  size={34}
                  aria-label={t('policy.undo')}
                  disabled={!draft.canUndo}
                  onClick={draft.undo}
                >
                  <IconArrowBackUp size={17} stroke={1.6} />
                </ActionIcon>
              </Tooltip>
              <Button
                disabled={state.draft === null || draft.busy}
                onClick={() => setDeed('force')}
                data-testid="put-in-force"
              >
                {t('policy.publish')}
              </Button>
            </>
          )
        }
      />
      <Status
        whose={whose}
        state={state}
        draft={draft}
        onDiscard={() => draft.discard(() => notifications.show({ message: t('policy.discarded') }))}
      />
      {draft.error && (
        <ErrorNotice error={draft.error}>
          {asApiError(draft.error).status === 409 && (
            <Button size="xs" variant="default" mt="xs" onClick={reload}>
              {t('policy.load_again')}
            </Button>
          )}
        </ErrorNotice>
      )}
      {state.may_change && state.draft && <Effects whose={whose} draft={state.draft} />}
      <Rules state={state} draft={draft} />
      <BesideRules state={state} draft={draft} />
      {state.may_change && (
        <>
          <TryPolicy whose={whose} drafted={state.draft !== null} />
          <ShadowSection whose={whose} state={state} onStart={() => setDeed('shadow')} />
        </>
      )}
      <History whose={whose} state={state} />
      {whose.workflow !== null && (
        <p>
          <Link to="/policy">{t('policy.open_workspace')}</Link>
        </p>
      )}
      <PutInForce
        whose={whose}
        state={state}
        deed={deed}
        onClose={() => setDeed(null)}
        onDone={draft.forget}
      />
    </Page>
  );
}
