// What a person may set for themselves, and the ways to the console and the API.
import {
  Anchor,
  Badge,
  Button,
  SegmentedControl,
  useMantineColorScheme,
  type MantineColorScheme,
} from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useSession, useSignOut } from '../../api/session';
import type { Role, User } from '../../api/types';
import { TopBar } from '../../app/topbar';
import { useWorkspace, useWorkspaceChoice } from '../../app/workspace';
import { useI18n, type PlainKey, type Translate } from '../../i18n';
import { LanguageSwitch } from '../../shared/LanguageSwitch';
import { Card, Page, Section } from '../../shared/Page';
import { PasswordDialog } from './PasswordDialog';
import classes from './SettingsPage.module.css';

const ROLES: Record<Role, PlainKey> = {
  owner: 'session.role_owner',
  editor: 'session.role_editor',
  viewer: 'session.role_viewer',
  reviewer: 'session.role_reviewer',
};

export function SettingsPage() {
  const { t } = useI18n();
  const { data: session } = useSession();
  return (
    <Page width="narrow">
      <TopBar title={t('session.settings_title')} />
      <Card>
        <Row title={t('session.language')} help={t('session.language_help')}>
          <LanguageSwitch />
        </Row>
        <Row title={t('session.theme')} help={t('session.theme_help')}>
          <SchemeSwitch />
        </Row>
      </Card>
      <Workspaces />
      <Account />
      {session?.user?.is_admin && (
        <Section title={t('session.administration')}>
          <Card>
            <Row title={t('app.console')} help={t('session.console_help')}>
              <Button component="a" href="/console/" variant="default">
                {t('session.console')}
              </Button>
            </Row>
          </Card>
        </Section>
      )}
      <footer className={classes.footer}>
        <span>{t('session.version', { version: session?.version ?? '' })}</span>
        <Anchor href="/api/docs/" c="dimmed" fz="note" title={t('session.api_help')}>
          {t('session.api')}
        </Anchor>
      </footer>
    </Page>
  );
}

function SchemeSwitch() {
  const { t } = useI18n();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl<MantineColorScheme>
      size="xs"
      aria-label={t('session.theme')}
      value={colorScheme}
      onChange={setColorScheme}
      data={[
        { value: 'light', label: t('session.theme_light') },
        { value: 'dark', label: t('session.theme_dark') },
        { value: 'auto', label: t('session.theme_auto') },
      ]}
    />
  );
}

function Workspaces() {
  const { t } = useI18n();
  const { data: session } = useSession();
  const current = useWorkspace();
  const choose = useWorkspaceChoice((state) => state.choose);
  return (
    <Section title={t('session.workspaces')}>
      <Card>
        <p className={classes.help}>{t('session.workspaces_help')}</p>
        {session?.workspaces.map((workspace) => (
          <Row key={workspace.id} title={workspace.name} help={t(ROLES[workspace.role])}>
            {workspace.id === current?.id ? (
              <Badge variant="light" tt="none">
                {t('session.workspace_chosen')}
              </Badge>
            ) : (
              <Button variant="default" size="xs" onClick={() => choose(workspace.id)}>
                {t('session.workspace_choose')}
              </Button>
            )}
          </Row>
        ))}
      </Card>
    </Section>
  );
}

function Account() {
  const { t } = useI18n();
  const { data: session } = useSession();
  const signOut = useSignOut();
  const [setting, setSetting] = useState(false);
  const user = session?.user;
  if (!user) return null;
  const about = [user.email, user.is_admin ? t('session.administrator') : ''].filter(Boolean).join(' · ');
  return (
    <Section title={t('session.account')}>
      <Card>
        <Row title={t('session.signed_in_as', { name: user.name })} help={about}>
          <Button variant="default" loading={signOut.isPending} onClick={() => signOut.mutate()}>
            {t('session.sign_out')}
          </Button>
        </Row>
        <Row title={t('session.password')} help={aboutPassword(user, t)}>
          <Button variant="default" aria-haspopup="dialog" onClick={() => setSetting(true)}>
            {t(user.has_password ? 'session.password_change' : 'session.password_first')}
          </Button>
        </Row>
      </Card>
      <PasswordDialog user={user} opened={setting} onClose={() => setSetting(false)} />
    </Section>
  );
}

/** What a password of their own is worth to this person. */
function aboutPassword(user: User, t: Translate): string {
  if (user.lent !== null)
    return t(user.has_password ? 'session.password_lent' : 'session.password_lent_none', { name: user.lent });
  return t(user.has_password ? 'session.password_help' : 'session.password_none');
}

interface RowProps {
  readonly title: string;
  readonly help: string;
  readonly children: ReactNode;
}

function Row({ title, help, children }: RowProps) {
  return (
    <div className={classes.row}>
      <div className={classes.words}>
        <strong>{title}</strong>
        {help && <span>{help}</span>}
      </div>
      {children}
    </div>
  );
}
