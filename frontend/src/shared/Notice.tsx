// A quiet box with an icon, a sentence and, when there is one, the way out.
import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Tone } from './run/states';
import classes from './Notice.module.css';

interface NoticeProps {
  readonly tone: Tone;
  readonly icon: Icon;
  readonly title: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

export function Notice({ tone, icon: Sign, title, children, actions }: NoticeProps) {
  return (
    <div className={classes.notice} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <Sign size={18} stroke={1.5} className={classes.icon} aria-hidden />
      <div className={classes.body}>
        <strong className={classes.title}>{title}</strong>
        {children}
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
    </div>
  );
}
