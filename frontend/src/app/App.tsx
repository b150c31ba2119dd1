// Everything that a page may lean on: theme, data, notifications, the router.
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { RouterProvider } from 'react-router';
import { htmlLanguage, useLanguage } from '../i18n';
import { cssVariables, schemeManager, theme } from '../theme';
import type { makeRouter } from './router';

interface AppProps {
  readonly client: QueryClient;
  readonly router: ReturnType<typeof makeRouter>;
}

export function App({ client, router }: AppProps) {
  const language = useLanguage((state) => state.language);
  useEffect(() => {
    document.documentElement.lang = htmlLanguage(language);
  }, [language]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={schemeManager}
      defaultColorScheme="auto"
    >
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
        {/* Over the canvas, never over the results below it. */}
        <Notifications position="top-center" autoClose={4_000} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
