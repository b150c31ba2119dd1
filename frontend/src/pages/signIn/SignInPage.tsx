// Signing in by password; and what to do when a one-time link has been used up.
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { IconCheck, IconLink } from '@tabler/icons-react';
import { useEffect, type SyntheticEvent } from 'react';
import { Navigate, useLocation, useSearchParams } from 'react-router';
import { useSession, useSignIn } from '../../api/session';
import { hasSetPassword } from '../../app/passwordSet';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { LanguageSwitch } from '../../shared/LanguageSwitch';
import { Logo } from '../../shared/Marks';
import { Notice } from '../../shared/Notice';
import classes from './SignInPage.module.css';

export function SignInPage() {
  const { t } = useI18n();
  const [search] = useSearchParams();
  const { data: session } = useSession();
  const signIn = useSignIn();
  const linkUsed = search.get('used') === '1';
  const { state } = useLocation() as { state: unknown };
  const set = hasSetPassword(state) ? state.passwordSetFor : null;
  useEffect(() => {
    document.title = `${t('session.title')} · Sluiceway`;
  }, [t]);
  const next = safeNext(search.get('next'));
  if (session?.user) return isServers(next) ? <Leave to={next} /> : <Navigate to={next} replace />;

  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    signIn.mutate({ username: textOf(form.get('username')), password: textOf(form.get('password')) });
  };

  return (
    <main className={classes.page}>
      <div className={classes.language}>
        <LanguageSwitch />
      </div>
      <div className={classes.column}>
        <header className={classes.head}>
          <Logo size={40} />
          <h1>Sluiceway</h1>
          <p>{t('session.lead')}</p>
        </header>
        {linkUsed && (
          <Notice tone="warn" icon={IconLink} title={t('session.link_used_title')}>
            <p>{t('session.link_used_text')}</p>
          </Notice>
        )}
        {set !== null && <Notice tone="accent" icon={IconCheck} title={t('session.password_set')} />}
        <form className={classes.form} onSubmit={submit}>
          <TextInput
            name="username"
            label={t('session.username')}
            autoComplete="username"
            defaultValue={set ?? ''}
            required
            withAsterisk={false}
          />
          <PasswordInput
            name="password"
            label={t('session.password')}
            autoComplete="current-password"
            required
            withAsterisk={false}
          />
          {signIn.error && <ErrorNotice error={signIn.error} />}
          <Button type="submit" loading={signIn.isPending} fullWidth>
            {t('session.sign_in')}
          </Button>
        </form>
        {!linkUsed && set === null && <p className={classes.note}>{t('session.no_password')}</p>}
      </div>
    </main>
  );
}

function textOf(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value : '';
}

/** Only an address of our own: `//elsewhere` and whole addresses would lead a person away. */
export function safeNext(next: string | null): string {
  // The browser's own reading decides: it drops tabs and line breaks, and takes a backslash for a slash.
  const here = window.location.origin;
  if (!next?.startsWith('/') || !URL.canParse(next, here)) return '/';
  const { origin, pathname, search, hash } = new URL(next, here);
  return origin === here && !pathname.startsWith('//') ? pathname + search + hash : '/';
}

/** Pages that the server draws itself: the browser has to ask it for them. */
export function isServers(path: string): boolean {
  return /^\/(api|console)(\/|$)/.test(path);
}

function Leave({ to }: { readonly to: string }) {
  useEffect(() => window.location.replace(to), [to]);
  return null;
}
