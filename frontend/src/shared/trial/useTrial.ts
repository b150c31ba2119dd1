// One question at a time to the filters; a cancelled one is heard of no more.
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { whatIf } from '../../api/safety';
import type { Id, WhatIf } from '../../api/types';

export type Trial = ReturnType<typeof useTrial>;

export function useTrial(workspace: Id) {
  const running = useRef<AbortController | null>(null);
  const { mutate, reset, isPending, error, data } = useMutation({
    mutationFn: (body: WhatIf) => {
      running.current?.abort();
      running.current = new AbortController();
      return whatIf(workspace, body, running.current.signal);
    },
    gcTime: 0, // what was tried is not kept here either
  });
  useEffect(() => () => running.current?.abort(), []);
  const cancel = (): void => {
    running.current?.abort();
    reset();
  };
  return { start: mutate, cancel, pending: isPending, error, tried: data };
}
