// The person at the right end of the top bar: workspace, settings, console, help, way out.
import { Avatar, Menu, UnstyledButton } from '@mantine/core';
import { IconCheck, IconKeyboard, IconLogout, IconSettings, IconShieldCog } from '@tabler/icons-react';
import { Link, useLocation } from 'react-router';
import { useSession, useSignOut } from '../api/session';
import { useI18n } from '../i18n';
import { useHelp } from './help';
import { isEditor } from './places';
import { useWorkspace, useWorkspaceChoice } from './workspace';

export function AccountMenu() {
  const { t } = useI18n();
  const { data: session } = useSession();
  const signOut = useSignOut();
  const workspace = useWorkspace();
  const choose = useWorkspaceChoice((state) => state.choose);
  const openHelp = useHelp((state) => state.open);
  const { pathname } = useLocation();
  const user = session?.user;
  if (!user) return null;
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton aria-label={t('app.account')} style={{ borderRadius: '50%' }}>
          <Avatar size={28} color="accent" variant="light" name={user.name} alt="">
            {initials(user.name)}
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.name}</Menu.Label>
        {session.workspaces.length > 1 &&
          session.workspaces.map((item) => (
            <Menu.Item
              key={item.id}
              onClick={() => choose(item.id)}
              rightSection={item.id === workspace?.id && <IconCheck size={15} stroke={1.5} />}
            >
              {t('app.workspace_of', { name: item.name })}
            </Menu.Item>
          ))}
        {session.workspaces.length > 1 && <Menu.Divider />}
        <Menu.Item component={Link} to="/settings" leftSection={<IconSettings size={16} stroke={1.5} />}>
          {t('app.settings')}
        </Menu.Item>
        {user.is_admin && (
          <Menu.Item component="a" href="/console/" leftSection={<IconShieldCog size={16} stroke={1.5} />}>
            {t('app.console')}
          </Menu.Item>
        )}
        {!isEditor(pathname) && (
          <Menu.Item leftSection={<IconKeyboard size={16} stroke={1.5} />} onClick={openHelp}>
            {t('app.help')}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} stroke={1.5} />} onClick={() => signOut.mutate()}>
          {t('app.sign_out')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** At most two letters; a Chinese name shows its last character, as is usual there. */
export function initials(name: string): string {
  const trimmed = name.trim();
  if (/\p{Script=Han}/u.test(trimmed)) return Array.from(trimmed).at(-1) ?? '';
  const parts = trimmed.split(/[\s._-]+/).filter(Boolean);
  return [parts[0], parts.length > 1 ? parts.at(-1) : undefined]
    .map((part) => (part ? (Array.from(part)[0] ?? '').toUpperCase() : ''))
    .join('');
}
