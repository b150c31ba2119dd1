// Everything that there is to say about one gate: why it is here, what it costs, what it found.
import { Button } from '@mantine/core';
import { IconFlask, IconLock } from '@tabler/icons-react';

import type { Finding, Gate, Source } from '../../api/types';
import { useI18n, type I18n, type PlainKey } from '../../i18n';
import { GateMark } from '../../shared/Marks';
import { gateLook, gateState, stepLook } from '../../shared/run/states';
import { useNames } from '../../shared/run/useNames';
import { useLocked } from '../document/store';
import { useRunFindings, useStep } from '../run/store';
import { secondsOf } from '../run/timing';
import { tryGate } from '../whatIf/store';
import { choicesOf } from '../whatIf/choices';
import { actionWord } from '../../shared/actionWord';
import classes from './GatePill.module.css';

export function GateDetails({ gate }: { readonly gate: Gate }) {
  const { t, words } = useI18n();
  const [first] = gate.rules;
  return (
    <div className={classes.details} data-testid="gate-details">
      <h2>
        <GateMark size={18} />
        {first ? words(first.title) : t('editor.gate')}
      </h2>
      <Why gate={gate} />
      <Costs gate={gate} />
      <LastRun gate={gate} />
      <p className={classes.locked}>
        <IconLock size={14} stroke={1.5} aria-hidden />
        {t('editor.gate_locked')}
      </p>
      <TryButton gate={gate} />
    </div>
  );
}

const SOURCES: Record<Source, PlainKey> = {
  author: 'gates.source_author',
  user: 'gates.source_user',
  upload: 'gates.source_upload',
  web: 'gates.source_web',
  tool: 'gates.source_tool',
  retrieved: 'gates.source_retrieved',
  model: 'gates.source_model',
};

function Why({ gate }: { readonly gate: Gate }) {
  const { t, words, format } = useI18n();
  const sources = format.list(gate.origins.map((source) => t(SOURCES[source])));
  return (
    <section>
      <h3>{t('editor.gate_why')}</h3>
      <ul>
        {gate.rules.map((rule, index) => (
          <li key={rule.id}>
            {index > 0 && <strong>{words(rule.title)}: </strong>}
            {words(rule.reason)}
          </li>
        ))}
        {gate.origins.length > 0 && <li>{t('gates.because', { sources })}</li>}
      </ul>
    </section>
  );
}

/** What it checks, each filter with what it does and what it takes; and what the gate took in the last run. */
function Costs({ gate }: { readonly gate: Gate }) {
  const i18n = useI18n();
  const { t, words, format } = i18n;
  const took = secondsOf(useStep(gate.id));
  const total = totalOf(gate);
  return (
    <section>
      <h3 className={classes.filter}>
        <span>{t('editor.gate_checks')}</span>
        <span>{t('gates.costs')}</span>
      </h3>
      <ul>
        {gate.filters.map((filter) => (
          <li key={`${filter.id} ${filter.action}`} className={classes.filter}>
            <span>
              {t('gates.filters_act', {
                title: words(filter.title),
                action: actionWord(i18n, filter.action),
              })}
            </span>
            <span className="sw-figures">{costOf(i18n, filter.cost, gate.media)}</span>
          </li>
        ))}
        {total !== null && <li className={classes.total}>{totalCost(i18n, total, gate.media)}</li>}
      </ul>
      {took !== null && <p>{t('gates.took', { time: format.duration(took) })}</p>}
    </section>
  );
}

/** The filters' own figures: milliseconds of one core for a KB of text, a picture of 512 x 512, or half a minute of sound. */
function costOf({ t, format }: I18n, cost: number, media: string): string {
  if (cost === 0) return t('gates.cost_none');
  const figure = format.number(cost, digitsOf(cost));
  if (media === 'audio') return t('gates.cost_audio', { cost: figure });
  return media === 'image' ? t('gates.cost_image', { cost: figure }) : t('gates.cost_text', { cost: figure });
}

/** As exact as what is small needs, and no more exact than it was measured. */
function digitsOf(cost: number): number {
  if (cost < 10) return 2;
  return cost < 100 ? 1 : 0;
}

/** The unrounded costs added up, a filter that stands there twice once; null where there is nothing to add. */
function totalOf(gate: Gate): number | null {
  const costs = [...new Map(gate.filters.map(({ id, cost }) => [id, cost])).values()].filter(Boolean);
  return costs.length > 1 ? costs.reduce((sum, cost) => sum + cost) : null;
}

function totalCost({ t, format }: I18n, total: number, media: string): string {
  const cost = format.number(total, total < 10 ? 1 : 0);
  if (media === 'audio') return t('gates.cost_audio_all', { cost });
  return media === 'image' ? t('gates.cost_image_all', { cost }) : t('gates.cost_text_all', { cost });
}

function LastRun({ gate }: { readonly gate: Gate }) {
  const { t } = useI18n();
  const step = useStep(gate.id);
  const findings = useRunFindings().filter((finding) => finding.step === gate.id);
  if (!step) {
    return (
      <section>
        <h3>{t('editor.gate_found')}</h3>
        <p>{t('gates.found_later')}</p>
      </section>
    );
  }
  const state = gateState(step, findings);
  const looked = state === 'passed' || state === 'redacted';
  return (
    <section data-testid="gate-found">
      <h3>{t('editor.gate_found')}</h3>
      <p>{t(state ? gateLook(state).word : stepLook(step).word)}</p>
      {state === 'held' && <p>{t('gates.waits')}</p>}
      {looked && findings.length === 0 && <p>{t('gates.found_nothing')}</p>}
      <ul>
        {findings.map((finding, index) => (
          <Found key={index} finding={finding} />
        ))}
      </ul>
    </section>
  );
}

/** Never the material: what it was taken for, by which filter, and what was done. */
function Found({ finding }: { readonly finding: Finding }) {
  const i18n = useI18n();
  const names = useNames();
  return (
    <li className={classes.filter}>
      <span>
        {i18n.t('gates.found_row', {
          category: names.category(finding.filter, finding.category),
          filter: names.filter(finding.filter),
        })}
      </span>
      <span>{actionWord(i18n, finding.action)}</span>
    </li>
  );
}

function TryButton({ gate }: { readonly gate: Gate }) {
  const { t } = useI18n();
  const locked = useLocked();
  if (locked || !choicesOf([gate]).some((choice) => choice.gate === gate)) return null;
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconFlask size={15} stroke={1.5} />}
      onClick={() => tryGate(gate.id)}
      data-testid="try-gate"
    >
      {t('gates.try_gate')}
    </Button>
  );
}
