// Asks before a tab is closed on edits that are nowhere but in it.
import { useEffect } from 'react';

import { useSave } from './store';

export function useLeaveWarning(): void {
  const dirty = useSave((state) => state.state !== 'saved');
  useEffect(() => {
    if (!dirty) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [dirty]);
}
