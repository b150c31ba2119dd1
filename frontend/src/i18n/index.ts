// Words in two languages: `t('area.key', { values })`, `words(serverWords)`, and the language itself.
import { useMemo } from 'react';
import { create } from 'zustand';
import { en } from './en';
import { makeFormat, type Format } from './format';
import { fill, type Language, type Message, type Names, type Value, type Words } from './message';
import { zh } from './zh';

export type { Format } from './format';
export type { Language, Words } from './message';

export type Dictionary = typeof en;
export type Area = keyof Dictionary;
export type Key = { [A in Area]: `${A}.${keyof Dictionary[A] & string}` }[Area];
type MessageAt<K extends Key> = K extends `${infer A extends Area}.${infer N}`
  ? N extends keyof Dictionary[A]
    ? Dictionary[A][N]
    : never
  : never;
type Values<K extends Key> = [Names<MessageAt<K>>] extends [never]
  ? []
  : [values: Record<Names<MessageAt<K>>, Value>];

/** The messages that need no values. */
export type PlainKey = { [K in Key]: Values<K> extends [] ? K : never }[Key];

/** Writes the message at `key`; the values that it needs are known by type. */
export type Translate = <K extends Key>(key: K, ...values: Values<K>) => string;

export interface I18n {
  readonly language: Language;
  readonly t: Translate;
  /** Picks the language of a text that came from the server. */
  readonly words: (words: Words) => string;
  readonly format: Format;
}

const DICTIONARIES: Record<Language, Record<string, Record<string, Message>>> = { en, zh };

export function makeI18n(language: Language): I18n {
  const t = (key: string, values: Record<string, Value> = {}) => {
    const [area, name] = splitOnce(key);
    const message = DICTIONARIES[language][area]?.[name];
    return message === undefined ? key : fill(message, values, language);
  };
  return {
    language,
    t: t,
    words: (words) => words[language] || words.en,
    format: makeFormat(language),
  };
}

function splitOnce(key: string): [string, string] {
  const dot = key.indexOf('.');
  return [key.slice(0, dot), key.slice(dot + 1)];
}

const REMEMBERED = 'sluiceway.language';

function firstLanguage(): Language {
  const remembered = readRemembered();
  if (remembered) return remembered;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

function readRemembered(): Language | null {
  try {
    const value = localStorage.getItem(REMEMBERED);
    return value === 'en' || value === 'zh' ? value : null;
  } catch {
    return null; // Storage may be forbidden; the browser's own language decides then.
  }
}

interface LanguageStore {
  language: Language;
  setLanguage: (language: Language) => void;
}

export const useLanguage = create<LanguageStore>()((set) => ({
  language: firstLanguage(),
  setLanguage: (language) => {
    try {
      localStorage.setItem(REMEMBERED, language);
    } catch {
      // Not remembered then; the session on the server still knows.
    }
    document.documentElement.lang = htmlLanguage(language);
    set({ language });
  },
}));

/** The language tag of the `<html>` element. */
export function htmlLanguage(language: Language): string {
  return language === 'zh' ? 'zh-Hans' : 'en';
}

/** The hook that every component uses; it draws the component again when the language changes. */
export function useI18n(): I18n {
  const language = useLanguage((state) => state.language);
  return useMemo(() => makeI18n(language), [language]);
}

/** For code outside React (errors, notifications): the language of this moment. */
export function currentI18n(): I18n {
  return makeI18n(useLanguage.getState().language);
}
