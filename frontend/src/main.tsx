// The first line that runs in the browser.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { makeQueryClient } from './api/queries';
import { App } from './app/App';
import { makeRouter } from './app/router';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App client={makeQueryClient()} router={makeRouter()} />
  </StrictMode>,
);
