// An owner's draft: each change is kept on the server at once, and can be taken back while the page is open.
import { useState } from 'react';

import { useDiscardPolicyDraft, useSavePolicyDraft, type Whose } from '../../api/policies';
import type { PolicyRules, PolicyState } from '../../api/types';
import { shownPolicy } from './rules';

export interface DraftEditing {
  readonly policy: PolicyRules;
  readonly busy: boolean;
  readonly error: Error | null;
  readonly canUndo: boolean;
  readonly edit: (next: PolicyRules, done?: () => void) => void;
  readonly undo: () => void;
  readonly discard: (done?: () => void) => void;
  readonly keepOn: (version: number) => void;
  /** After the draft was loaded again, or came into force: what was before is no way back. */
  readonly forget: () => void;
}

export function useDraft(whose: Whose, state: PolicyState): DraftEditing {
  const save = useSavePolicyDraft(whose);
  const drop = useDiscardPolicyDraft(whose);
  // What was shown before each change; null where there was no draft.
  const [past, setPast] = useState<readonly (PolicyRules | null)[]>([]);
  const seen = state.draft?.seen ?? '';
  const busy = save.isPending || drop.isPending;
  const remember = (done?: () => void) => () => {
    setPast((before) => [...before, state.draft?.policy ?? null]);
    done?.();
  };
  const clear = (): void => {
    save.reset();
    drop.reset();
  };
  return {
    policy: shownPolicy(state),
    busy,
    error: save.error ?? drop.error,
    canUndo: past.length > 0 && !busy,
    edit: (policy, done) => {
      clear();
      save.mutate({ seen, policy }, { onSuccess: remember(done) });
    },
    undo: () => {
      const before = past.at(-1);
      if (before === undefined || busy) return;
      clear();
      const onSuccess = (): void => setPast((items) => items.slice(0, -1));
      if (before === null) drop.mutate(seen, { onSuccess });
      else save.mutate({ seen, policy: before }, { onSuccess });
    },
    discard: (done) => {
      clear();
      drop.mutate(seen, { onSuccess: remember(done) });
    },
    keepOn: (base) => {
      clear();
      save.mutate({ seen, policy: shownPolicy(state), base });
    },
    forget: () => {
      clear();
      setPast([]);
    },
  };
}
