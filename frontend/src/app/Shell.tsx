// The frame around every page: top bar, rail, the page itself.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { Link, Navigate, Outlet, useLocation } from 'react-router';
import { useSession } from '../api/session';
import { languageFrom } from '../api/types';
import { useI18n, useLanguage } from '../i18n';
import { ErrorNotice } from '../shared/ErrorNotice';
import { Logo } from '../shared/Marks';
import { Page } from '../shared/Page';
import { Waiting } from '../shared/Waiting';
import { AccountMenu } from './AccountMenu';
import { KeyboardHelp } from './KeyboardHelp';
import { PageBoundary } from './PageBoundary';
import { hasSetPassword } from './passwordSet';
import { isEditor } from './places';
import { Rail } from './Rail';
import classes from './Shell.module.css';
import { TopBarContext } from './topbar';

export function Shell() {
  const { data: session, error, refetch } = useSession();
  const location = useLocation();
  const setLanguage = useLanguage((state) => state.setLanguage);
  const spoken = session?.user ? session.language : null;
  const client = useQueryClient();
  useEffect(() => {
    if (!spoken || languageFrom(spoken) === useLanguage.getState().language) return;
    setLanguage(languageFrom(spoken));
    // What the server said before it was in the other language; a drawing has none, and is being edited.
    void client.invalidateQueries({ predicate: ({ queryKey: [kind] }) => kind !== 'editor' });
  }, [spoken, setLanguage, client]);
  if (error)
    return (
      <Page width="narrow">
        <ErrorNotice error={error} onRetry={() => void refetch()} />
      </Page>
    );
  if (!session) return <Waiting />;
  if (!session.user && hasSetPassword(location.state))
    return <Navigate to="/sign-in" state={location.state} replace />;
  if (!session.user) {
    const next = location.pathname + location.search;
    return <Navigate to={next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`} replace />;
  }
  return <Frame />;
}

function Frame() {
  const { t } = useI18n();
  const { pathname } = useLocation();
  const [left, setLeft] = useState<HTMLElement | null>(null);
  const [right, setRight] = useState<HTMLElement | null>(null);
  const slots = useMemo(() => ({ left, right }), [left, right]);
  return (
    <TopBarContext value={slots}>
      <div className={classes.frame}>
        <a href="#content" className={classes.skip}>
          {t('app.skip_to_content')}
        </a>
        <header className={classes.bar}>
          <Link to="/" className={classes.home} aria-label={t('app.home')}>
            <Logo />
            <span className={classes.name}>Sluiceway</span>
          </Link>
          <span className={classes.slash} aria-hidden>
            /
          </span>
          <div className={classes.left} ref={setLeft} />
          <div className={classes.right} ref={setRight} />
          <AccountMenu />
        </header>
        <Rail />
        <main id="content" className={classes.main} tabIndex={-1}>
          <PageBoundary key={pathname}>
            <Outlet />
          </PageBoundary>
        </main>
      </div>
      {!isEditor(pathname) && <KeyboardHelp />}
    </TopBarContext>
  );
}
