// Which address shows which page. Pages come in pieces of their own: nobody loads an editor to sign in.
import { createBrowserRouter, type RouteObject } from 'react-router';
import { Waiting } from '../shared/Waiting';
import { NotFound } from '../pages/NotFound';
import { RouteError } from './RouteError';
import { Shell } from './Shell';

const pages: RouteObject[] = [
  {
    index: true,
    lazy: async () => ({ Component: (await import('../pages/templates/TemplatesPage')).TemplatesPage }),
  },
  {
    path: 'workflows',
    lazy: async () => ({ Component: (await import('../pages/workflows/WorkflowsPage')).WorkflowsPage }),
  },
  { path: 'workflows/:id', lazy: async () => ({ Component: (await import('../editor')).EditorPage }) },
  {
    path: 'workflows/:id/app',
    lazy: async () => ({ Component: (await import('../pages/workflowApp/WorkflowAppPage')).WorkflowAppPage }),
  },
  { path: 'runs', lazy: async () => ({ Component: (await import('../pages/runs/RunsPage')).RunsPage }) },
  { path: 'runs/:id', lazy: async () => ({ Component: (await import('../pages/runs/RunPage')).RunPage }) },
  {
    path: 'reviews',
    lazy: async () => ({ Component: (await import('../pages/reviews/ReviewsPage')).ReviewsPage }),
  },
  {
    path: 'reviews/:id',
    lazy: async () => ({ Component: (await import('../pages/reviews/ReviewPage')).ReviewPage }),
  },
  {
    path: 'policy',
    lazy: async () => ({ Component: (await import('../pages/policy/PolicyPage')).PolicyPage }),
  },
  {
    path: 'workflows/:id/policy',
    lazy: async () => ({ Component: (await import('../pages/policy/PolicyPage')).WorkflowPolicyPage }),
  },
  {
    path: 'models',
    lazy: async () => ({ Component: (await import('../pages/models/ModelsPage')).ModelsPage }),
  },
  {
    path: 'settings',
    lazy: async () => ({ Component: (await import('../pages/settings/SettingsPage')).SettingsPage }),
  },
  { path: '*', Component: NotFound },
];

export const routes: RouteObject[] = [
  {
    HydrateFallback: Waiting,
    ErrorBoundary: RouteError,
    children: [
      {
        path: 'sign-in',
        lazy: async () => ({ Component: (await import('../pages/signIn/SignInPage')).SignInPage }),
      },
      { path: '/', Component: Shell, children: pages },
    ],
  },
];

export function makeRouter() {
  return createBrowserRouter(routes);
}
