// Signing in, and settings.
export const session = {} as const;
