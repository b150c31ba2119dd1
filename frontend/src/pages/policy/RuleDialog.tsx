// The form of one rule. What is kept goes into the draft; nothing of it holds before the draft is put in force.
import { Button, Group, Modal } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState, type SyntheticEvent } from 'react';

import { useFilters } from '../../api/safety';
import type { PolicyFilter, PolicyRule, PolicyRules } from '../../api/types';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { FilterFields } from './FilterFields';
import classes from './Policy.module.css';
import { isNamed, RuleNames, RuleScope } from './RuleAbout';
import { freeId, SOURCES } from './rules';

interface RuleDialogProps {
  /** Closed when there is none. */
  readonly rule: PolicyRule | 'new' | null;
  readonly policy: PolicyRules;
  readonly busy: boolean;
  readonly error: Error | null;
  readonly onClose: () => void;
  readonly onKeep: (rule: PolicyRule) => void;
}

const EMPTY: PolicyRule = {
  id: '',
  title: { en: '', zh: '' },
  reason: { en: '', zh: '' },
  sink: 'person',
  media: ['text', 'json'],
  sources: SOURCES,
  chain: [],
};

export function RuleDialog({ rule, ...props }: RuleDialogProps) {
  const { t, words } = useI18n();
  const title =
    rule === 'new'
      ? t('policy.form_new')
      : t('policy.form_edit', { name: rule === null ? '' : words(rule.title) });
  return (
    <Modal
      opened={rule !== null}
      onClose={props.onClose}
      title={title}
      size={640}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {rule !== null && (
        <RuleForm key={rule === 'new' ? '' : rule.id} rule={rule === 'new' ? EMPTY : rule} {...props} />
      )}
    </Modal>
  );
}

interface RuleFormProps extends Omit<RuleDialogProps, 'rule'> {
  readonly rule: PolicyRule;
}

function RuleForm({ rule: given, policy, busy, error, onClose, onKeep }: RuleFormProps) {
  const { t } = useI18n();
  const { data: filters = [] } = useFilters();
  const [rule, setRule] = useState(given);
  const [tried, setTried] = useState(false);
  const change = (part: Partial<PolicyRule>): void => setRule({ ...rule, ...part });
  const ready = isNamed(rule) && rule.media.length > 0 && rule.sources.length > 0;

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setTried(true);
    if (ready && !busy) onKeep(finished(rule, policy));
  };
  const add = (): void => {
    const fitting = filters.find(({ media }) => rule.media.some((kind) => reads(media, kind)));
    const first = fitting ?? filters[0];
    if (first) {
      const use: PolicyFilter = { filter: first.id, action: 'block', threshold: 0.5, categories: [] };
      change({ chain: [...rule.chain, use] });
    }
  };
  return (
    <form className={classes.form} onSubmit={submit} noValidate>
      <fieldset className={classes.filters}>
        <legend>{t('policy.filters')}</legend>
        {rule.chain.length === 0 && <p className={classes.note}>{t('policy.filters_none')}</p>}
        {rule.chain.map((use, index) => (
          <FilterFields
            // A chain has no ids: its order is the identity while the form is open.
            key={index}
            use={use}
            number={index + 1}
            filters={filters}
            first={index === 0}
            onChange={(next) =>
              change({ chain: rule.chain.map((item, place) => (place === index ? next : item)) })
            }
            onRemove={() => change({ chain: rule.chain.filter((_, place) => place !== index) })}
          />
        ))}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={15} stroke={1.5} />}
          onClick={add}
          disabled={filters.length === 0}
          data-autofocus={given.chain.length === 0 || undefined}
        >
          {t('policy.filter_add')}
        </Button>
      </fieldset>
      <RuleScope rule={rule} tried={tried} onChange={change} />
      <RuleNames rule={rule} tried={tried} onChange={change} />
      <div className={classes.foot}>
        {error && <ErrorNotice error={error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={busy}>
            {t('policy.keep')}
          </Button>
        </Group>
      </div>
    </form>
  );
}

/** Data and numbers are read by what reads text. */
function reads(media: readonly string[], kind: string): boolean {
  return media.includes(kind) || (['json', 'number'].includes(kind) && media.includes('text'));
}

/** With a name of its own where it is new, and both languages filled where one was left empty. */
function finished(rule: PolicyRule, policy: PolicyRules): PolicyRule {
  const both = ({ en, zh }: { en: string; zh: string }) => ({
    en: en.trim() || zh.trim(),
    zh: zh.trim() || en.trim(),
  });
  const title = both(rule.title);
  return { ...rule, title, reason: both(rule.reason), id: rule.id || freeId(title.en, rule.sink, policy) };
}
