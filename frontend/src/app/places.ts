// The places of the app: where the rail, the shortcuts and the router agree.
import {
  IconBrain,
  IconHistory,
  IconLayoutGrid,
  IconSettings,
  IconShieldCheck,
  IconSitemap,
  IconUserQuestion,
  type Icon,
} from '@tabler/icons-react';
import type { PlainKey } from '../i18n';

export interface Place {
  readonly path: string;
  readonly title: PlainKey;
  readonly icon: Icon;
  /** After `g`: the key that leads here. */
  readonly key: string;
  readonly shortcut: PlainKey;
}

export const PLACES: readonly Place[] = [
  { path: '/', title: 'app.templates', icon: IconLayoutGrid, key: 't', shortcut: 'app.shortcut_templates' },
  {
    path: '/workflows',
    title: 'app.workflows',
    icon: IconSitemap,
    key: 'w',
    shortcut: 'app.shortcut_workflows',
  },
  { path: '/runs', title: 'app.runs', icon: IconHistory, key: 'r', shortcut: 'app.shortcut_runs' },
  { path: '/policy', title: 'app.policy', icon: IconShieldCheck, key: 'p', shortcut: 'app.shortcut_policy' },
  { path: '/models', title: 'app.models', icon: IconBrain, key: 'm', shortcut: 'app.shortcut_models' },
];

/** Only for who is asked to decide about something. */
export const REVIEWS: Place = {
  path: '/reviews',
  title: 'app.reviews',
  icon: IconUserQuestion,
  key: 'v',
  shortcut: 'app.shortcut_reviews',
};

export const SETTINGS: Place = {
  path: '/settings',
  title: 'app.settings',
  icon: IconSettings,
  key: 's',
  shortcut: 'app.shortcut_settings',
};

/** The editor has its own keys and fills the whole page. */
export function isEditor(pathname: string): boolean {
  return /^\/workflows\/[^/]+\/?$/.test(pathname);
}
