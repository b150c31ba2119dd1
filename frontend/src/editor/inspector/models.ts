// AI models as the forms need them: by name, by capability, and what to say of one.
import type { Model, Words } from '../../api/types';

export function modelTitle(
  models: readonly Model[] | undefined,
  name: string,
  words: (words: Words) => string,
): string {
  const model = models?.find((candidate) => candidate.name === name);
  if (!model) return name;
  return typeof model.title === 'string' ? model.title : words(model.title);
}

export function modelsFor(models: readonly Model[] | undefined, capability: string | null | undefined) {
  return (models ?? []).filter((model) => !capability || model.capability === capability);
}
