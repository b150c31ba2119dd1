// The rules, by where things go: what each is about, what its filters do, and how it stands to the floor.
import { ActionIcon, Badge, Button } from '@mantine/core';
import { IconArrowBackUp, IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';

import type { PolicyRule, PolicyState } from '../../api/types';
import { useI18n, type PlainKey } from '../../i18n';
import { Section } from '../../shared/Page';
import { useNames } from '../../shared/run/useNames';
import classes from './Policy.module.css';
import { RuleDialog } from './RuleDialog';
import {
  goneRules,
  isDrafted,
  keptPolicy,
  SINKS,
  standingOf,
  withoutRule,
  withRule,
  type Standing,
} from './rules';
import type { DraftEditing } from './useDraft';
import { aboutLine, filterLine, SINK_WORDS } from './words';

interface RulesProps {
  readonly state: PolicyState;
  readonly draft: DraftEditing;
}

const MARKS: Record<Standing, { readonly word: PlainKey; readonly colour: string }> = {
  floor: { word: 'policy.mark_floor', colour: 'gray' },
  changed: { word: 'policy.mark_changed', colour: 'accent' },
  own: { word: 'policy.mark_own', colour: 'accent' },
  fault: { word: 'policy.mark_fault', colour: 'bad' },
};

export function Rules({ state, draft }: RulesProps) {
  const { t } = useI18n();
  // The rule in the form; `new` for one that is none yet.
  const [open, setOpen] = useState<PolicyRule | 'new' | null>(null);
  const { policy } = draft;
  return (
    <Section
      title={t('policy.rules')}
      aside={
        state.may_change && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={15} stroke={1.5} />}
            disabled={draft.busy}
            onClick={() => setOpen('new')}
          >
            {t('policy.rule_add')}
          </Button>
        )
      }
    >
      <div className={classes.rules} data-testid="rules">
        {SINKS.filter((sink) => policy.rules.some((rule) => rule.sink === sink)).map((sink) => (
          <section key={sink} className={classes.group}>
            <h3>{t('policy.goes_to', { sink: t(SINK_WORDS[sink]) })}</h3>
            <ul>
              {policy.rules
                .filter((rule) => rule.sink === sink)
                .map((rule) => (
                  <Row
                    key={rule.id}
                    rule={rule}
                    state={state}
                    busy={draft.busy}
                    onEdit={() => setOpen(rule)}
                    onRemove={() => draft.edit(withoutRule(policy, rule.id))}
                  />
                ))}
            </ul>
          </section>
        ))}
        {state.may_change && <Gone state={state} draft={draft} />}
      </div>
      <RuleDialog
        rule={open}
        policy={policy}
        busy={draft.busy}
        onClose={() => setOpen(null)}
        onKeep={(rule) => draft.edit(withRule(policy, rule), () => setOpen(null))}
        error={draft.error}
      />
    </Section>
  );
}

interface RowProps {
  readonly rule: PolicyRule;
  readonly state: PolicyState;
  readonly busy: boolean;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
}

function Row({ rule, state, busy, onEdit, onRemove }: RowProps) {
  const i18n = useI18n();
  const { t, words } = i18n;
  const names = useNames();
  const standing = standingOf(rule, state.floor.policy, state.draft?.faults ?? []);
  const mark = MARKS[standing];
  const drafted = state.draft !== null && isDrafted(rule, keptPolicy(state));
  const name = words(rule.title);
  return (
    <li data-testid={`rule-${rule.id}`} data-standing={standing}>
      <div className={classes.about}>
        <div className={classes.name}>
          <strong>{name}</strong>
          <Badge size="sm" variant="light" color={mark.colour} tt="none" fw={500}>
            {t(mark.word)}
          </Badge>
          {drafted && (
            <Badge size="sm" variant="outline" color="accent" tt="none" fw={500}>
              {t('policy.mark_draft')}
            </Badge>
          )}
        </div>
        <p>{aboutLine(i18n, rule)}</p>
        {words(rule.reason) && <p>{words(rule.reason)}</p>}
      </div>
      <ul className={classes.uses}>
        {rule.chain.map((use, index) => (
          // One filter may stand in a chain twice, with another action.
          <li key={`${use.filter} ${index}`}>{filterLine(i18n, names, use)}</li>
        ))}
        {rule.chain.length === 0 && <li>{t('policy.no_filter')}</li>}
      </ul>
      {state.may_change && (
        <div className={classes.deeds}>
          <ActionIcon
            aria-label={t('policy.rule_edit_of', { name })}
            title={t('policy.rule_edit')}
            disabled={busy}
            onClick={onEdit}
          >
            <IconPencil size={16} stroke={1.5} />
          </ActionIcon>
          <ActionIcon
            aria-label={t('policy.rule_remove_of', { name })}
            title={t('policy.rule_remove')}
            disabled={busy}
            onClick={onRemove}
          >
            <IconTrash size={16} stroke={1.5} />
          </ActionIcon>
        </div>
      )}
    </li>
  );
}

/** What is missing of the floor: nothing of it passes, which is allowed, and easily done by mistake. */
function Gone({ state, draft }: RulesProps) {
  const { t, words } = useI18n();
  const gone = goneRules(draft.policy, state.floor.policy);
  if (gone.length === 0) return null;
  return (
    <ul className={classes.gone}>
      {gone.map((rule) => {
        const name = words(rule.title);
        return (
          <li key={rule.id}>
            <span>{t('policy.rule_gone', { name })}</span>
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<IconArrowBackUp size={14} stroke={1.5} />}
              aria-label={t('policy.rule_back_of', { name })}
              disabled={draft.busy}
              onClick={() => draft.edit(withRule(draft.policy, rule))}
            >
              {t('policy.rule_back')}
            </Button>
          </li>
        );
      })}
    </ul>
  );
}
