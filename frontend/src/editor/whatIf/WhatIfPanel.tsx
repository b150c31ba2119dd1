// "What if": a text, a picture or a sound through the policy's filters, without running the workflow.
import { NativeSelect } from '@mantine/core';
import { useEffect, useRef } from 'react';

import type { Gate } from '../../api/types';
import { useI18n, type I18n } from '../../i18n';
import { TrialAnswer } from '../../shared/trial/TrialAnswer';
import { TrialForm } from '../../shared/trial/TrialForm';
import { useTrial, type Trial } from '../../shared/trial/useTrial';
import { useGates } from '../canvas/GateLayer';
import { titleOf } from '../canvas/title';
import type { Graph } from '../document/graph';
import { findNode } from '../document/lookup';
import type { Catalog } from '../document/spec';
import { useDocument, useLocked } from '../document/store';
import { useEditor } from '../state/editor';
import { ANY_MODEL, ANY_PERSON, askedOf, choicesOf, type Choice } from './choices';
import { setMaterial, setTrying, useTrying } from './store';
import classes from './WhatIf.module.css';

export function WhatIfPanel() {
  const { t } = useI18n();
  const locked = useLocked();
  const trial = useTrial(useEditor().workspace);
  if (locked) return <p className={classes.note}>{t('editor.read_only_text')}</p>;
  return (
    <div className={classes.panel} data-testid="what-if">
      <Form trial={trial} />
      <div className={classes.answer} aria-live="polite">
        <TrialAnswer trial={trial}>
          <div className={classes.teach}>
            <h3>{t('gates.what_if_title')}</h3>
            <p>{t('gates.what_if_text')}</p>
          </div>
        </TrialAnswer>
      </div>
    </div>
  );
}

function Form({ trial }: { readonly trial: Trial }) {
  const i18n = useI18n();
  const { t } = i18n;
  const { workspace, workflow, catalog } = useEditor();
  const graph = useDocument((state) => state.history.doc);
  const gates = useGates();
  const { which, material, asked } = useTrying();
  const field = useRef<HTMLTextAreaElement>(null);
  const choices = choicesOf(gates);
  // A gate may be gone with its wire: then it is anything that a person will see.
  const choice = choices.find(({ value }) => value === which) ?? choices.find(isAnyPerson);
  useEffect(() => {
    if (asked > 0) field.current?.focus();
  }, [asked]);
  if (!choice) return null;
  return (
    <TrialForm
      workspace={workspace}
      trial={trial}
      material={material}
      onChange={setMaterial}
      kind={choice.kind}
      body={(sent) => ({ ...sent, workflow, ...askedOf(choice) })}
      field={field}
    >
      <NativeSelect
        label={t('gates.which')}
        value={choice.value}
        onChange={(event) => setTrying({ which: event.currentTarget.value })}
        data={choices.map(({ value, gate }) => ({
          value,
          label: labelOf(i18n, value, gate, graph, catalog),
        }))}
      />
    </TrialForm>
  );
}

function isAnyPerson({ value }: Choice): boolean {
  return value === ANY_PERSON;
}

function labelOf(
  { t, words }: I18n,
  value: string,
  gate: Gate | null,
  graph: Graph,
  catalog: Catalog,
): string {
  if (value === ANY_PERSON) return t('gates.any_person');
  if (value === ANY_MODEL) return t('gates.any_model');
  const nameOf = (id: string | undefined): string => {
    const node = id === undefined ? undefined : findNode(graph, id);
    return node ? titleOf(node, catalog.specs.get(node.type), words) : '…';
  };
  const title = gate?.rules[0];
  return t('gates.gate_between', {
    name: title ? words(title.title) : t('editor.gate'),
    from: nameOf(gate?.sources[0]?.node),
    to: nameOf(gate?.targets[0]?.node),
  });
}
