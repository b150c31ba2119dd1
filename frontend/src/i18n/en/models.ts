// AI models and their installation.
export const models = {} as const;
