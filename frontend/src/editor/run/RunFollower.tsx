// Brings the shown run's events into the store that cards and drawer listen to. Draws nothing.
import { useEffect } from 'react';

import { asApiError } from '../../api/errors';
import { useRunView } from '../../api/useRunView';
import { useEditor } from '../state/editor';
import { forgetRun } from './start';
import { acceptView, useRun } from './store';

export function RunFollower() {
  const id = useRun((state) => state.id);
  const workflow = useEditor((state) => state.workflow);
  const { view, status, error } = useRunView(id);
  useEffect(() => {
    if (view) acceptView(view, status);
  }, [view, status]);
  useEffect(() => {
    // A remembered run that is no longer there.
    if (error && asApiError(error).status === 404) forgetRun(workflow);
  }, [error, workflow]);
  return null;
}
