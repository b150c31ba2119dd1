// Runs: states, timeline, findings.
export const runs = {} as const;
