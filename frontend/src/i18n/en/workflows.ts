// Workflows: the list, versions, publishing, the app view.
export const workflows = {} as const;
