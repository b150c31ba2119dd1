// What an output is called. What a partial run shows has no title of its own: it is called by its node and port.
import type { PlanView, PromisedOutput, Words } from '../../api/types';

export function titleOfOutput(
  plan: PlanView,
  { name, title, node }: PromisedOutput,
  words: (words: Words) => string,
): string {
  if (title !== '') return title;
  const step = plan.steps.find((candidate) => candidate.node === node);
  if (!step) return name;
  const several = plan.outputs.filter((other) => other.node === node).length > 1;
  return several ? `${words(step.title)} · ${name.slice(name.lastIndexOf('.') + 1)}` : words(step.title);
}
