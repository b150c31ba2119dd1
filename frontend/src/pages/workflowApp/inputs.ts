// What a workflow asks for: its defaults, and what is wrong with what was filled in. Pure; the server checks again.
import type { Argument, Issue, Json } from '../../api/types';
import type { I18n } from '../../i18n';

export type Values = Readonly<Record<string, Json>>;
export type Problems = Readonly<Record<string, string>>;

export function defaultsOf(inputs: readonly Argument[]): Values {
  return Object.fromEntries(inputs.map((input) => [input.name, input.default ?? emptyFor(input)]));
}

function emptyFor({ type, required }: Argument): Json {
  if (type === 'text') return '';
  return type === 'boolean' && required ? false : null;
}

/** A sentence for each input that cannot be sent as it is. */
export function problemsOf({ t }: I18n, inputs: readonly Argument[], values: Values): Problems {
  const found = inputs.flatMap((input) => {
    const problem = problemOf(t, input, values[input.name] ?? null);
    return problem === null ? [] : [[input.name, problem] as const];
  });
  return Object.fromEntries(found);
}

function problemOf(t: I18n['t'], input: Argument, value: Json): string | null {
  if (value === null || (typeof value === 'string' && value.trim() === '')) {
    return input.required ? t('workflows.app_required') : null;
  }
  if (typeof value !== 'number') return null;
  const { minimum, maximum } = input;
  const low = minimum !== null && value < minimum;
  const high = maximum !== null && value > maximum;
  return low || high ? boundsOf(t, input) : null;
}

/** The bounds of a number as a sentence, or null when it has none. */
export function boundsOf(t: I18n['t'], { minimum, maximum }: Argument): string | null {
  if (minimum !== null && maximum !== null) return t('workflows.app_between', { minimum, maximum });
  if (minimum !== null) return t('workflows.app_at_least', { minimum });
  return maximum === null ? null : t('workflows.app_at_most', { maximum });
}

/** What is sent: an optional input that was left empty is left out, so that its default stands. */
export function toSend(values: Values): Record<string, Json> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
}

/** The server's own complaints, by input. */
export function problemsFrom({ words }: I18n, issues: readonly Issue[]): Problems {
  return Object.fromEntries(
    issues.flatMap((issue) => (issue.param === null ? [] : [[issue.param, words(issue.message)] as const])),
  );
}
