// What a message is, and how values are put into it.

/** A message whose wording follows a count. Chinese needs only `other`. */
export interface Plural {
  readonly one?: string;
  readonly other: string;
}
export type Message = string | Plural;

/** Server text for people: both languages, the browser picks. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** The keys of an English area, each with a message: what the Chinese area must be, no more and no less. */
export type Same<Area> = { readonly [Key in keyof Area]: Message };

export type Language = 'en' | 'zh';
export type Value = string | number;

/** The names in a message: `{count} of {total}` has `count` and `total`; `{{name}}` is plain text. */
type NamesIn<S extends string> = S extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `{${string}` ? never : Name) | NamesIn<Rest>
  : never;
export type Names<M> = M extends string
  ? NamesIn<M>
  : M extends { other: infer Other extends string }
    ? NamesIn<Other> | 'count'
    : never;

const PLACEHOLDER = /(?<!\{)\{(\w+)\}(?!\})/g;

export function placeholders(message: Message): Set<string> {
  const forms = typeof message === 'string' ? [message] : [message.one ?? '', message.other];
  return new Set(forms.flatMap((form) => [...form.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '')));
}

/** Fills a message; numbers are written as the language writes them. */
export function fill(message: Message, values: Record<string, Value>, language: Language): string {
  const form = typeof message === 'string' ? message : pluralForm(message, values.count, language);
  return form.replace(PLACEHOLDER, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(localeOf(language)).format(value) : value;
  });
}

function pluralForm(message: Plural, count: Value | undefined, language: Language): string {
  if (message.one === undefined || typeof count !== 'number') return message.other;
  return new Intl.PluralRules(localeOf(language)).select(count) === 'one' ? message.one : message.other;
}

export function localeOf(language: Language): string {
  return language === 'zh' ? 'zh-Hans-CN' : 'en-GB';
}
