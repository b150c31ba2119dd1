// The gallery of templates.
export const templates = {} as const;
