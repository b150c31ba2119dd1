// The plain page: a column of readable width under the top bar.
import type { ReactNode } from 'react';
import classes from './Page.module.css';

interface PageProps {
  readonly children: ReactNode;
  readonly width?: 'narrow' | 'normal' | 'wide';
}

export function Page({ children, width = 'normal' }: PageProps) {
  return (
    <div className={classes.page} data-width={width}>
      {children}
    </div>
  );
}

export function Section({
  title,
  aside,
  children,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={classes.section}>
      <header className={classes.head}>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

export function Card({ children }: { readonly children: ReactNode }) {
  return <div className={classes.card}>{children}</div>;
}
