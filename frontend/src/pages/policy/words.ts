// What rules say, as people read it.
import type { GateAction, PolicyFilter, PolicyRule, Sink, Source } from '../../api/types';
import type { I18n, PlainKey } from '../../i18n';
import type { Names } from '../../shared/run/useNames';
import { mediaWord } from '../../shared/wording';
import { actionWord } from '../../shared/actionWord';
import { SOURCES } from './rules';

export const SINK_WORDS: Record<Sink, PlainKey> = {
  person: 'policy.sink_person',
  model: 'policy.sink_model',
  outside: 'policy.sink_outside',
  store: 'policy.sink_store',
};

export const SOURCE_WORDS: Record<Source, PlainKey> = {
  author: 'gates.source_author',
  user: 'gates.source_user',
  upload: 'gates.source_upload',
  web: 'gates.source_web',
  tool: 'gates.source_tool',
  retrieved: 'gates.source_retrieved',
  model: 'gates.source_model',
};

export const ACTION_WORDS: Record<GateAction, PlainKey> = {
  block: 'policy.act_block',
  redact: 'policy.act_redact',
  hold: 'policy.act_hold',
};

/** Which material a rule is about. */
export function aboutLine(i18n: I18n, rule: PolicyRule): string {
  const { t, format } = i18n;
  const media = format.list([...new Set(rule.media.map((kind) => mediaWord(i18n, kind)))]);
  const sources =
    new Set(rule.sources).size === SOURCES.length
      ? t('policy.anywhere')
      : format.list(rule.sources.map((source) => t(SOURCE_WORDS[source])));
  return t('policy.from', { media, sources });
}

/** What one filter does, from which score on, and for which categories when not for all. */
export function filterLine(i18n: I18n, names: Names, use: PolicyFilter): string {
  const { t, format } = i18n;
  const said = {
    filter: names.filter(use.filter),
    action: actionWord(i18n, use.action),
    threshold: format.percent(use.threshold),
  };
  if (use.categories.length === 0) return t('policy.use', said);
  const categories = format.list(use.categories.map((id) => names.category(use.filter, id)));
  return t('policy.use_only', { ...said, categories });
}
