// Builds the browser app into dist/, which the server serves under /static/.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** `npm run dev` draws the pages and asks this server for everything else. */
const server = process.env.SLUICEWAY_SERVER ?? 'http://127.0.0.1:8000';

/** The tests that need a browser's document, or its storage, or its address; what is not here runs in Node alone. */
const PAGES = [
  'src/**/*.test.tsx',
  'src/api/*.test.ts',
  'src/app/small.test.ts',
  'src/editor/document/calls.test.ts',
  'src/editor/run/{inputs,start}.test.ts',
];

export default defineConfig(({ command }) => ({
  base: command === 'build' ? '/static/' : '/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    manifest: true,
    target: 'es2023',
    chunkSizeWarningLimit: 800,
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '^/(api|console|static|sign-in/[^/]+|healthz|readyz|metrics)(/|$)': { target: server },
      '/ws': { target: server, ws: true },
    },
  },
  test: {
    css: { modules: { classNameStrategy: 'non-scoped' } },
    restoreMocks: true,
    testTimeout: 60_000,
    // Each file has a context of its own in a thread that stays: a process for each took longer than the tests.
    pool: 'vmThreads',
    projects: [
      {
        extends: true,
        test: {
          name: 'pages',
          include: PAGES,
          environment: 'jsdom',
          setupFiles: ['src/testing/setup.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'logic', include: ['src/**/*.test.ts'], exclude: PAGES, environment: 'node' },
      },
    ],
  },
}));
