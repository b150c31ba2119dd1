// What the workflow asks for before it can run.
import { Button } from '@mantine/core';
import { useEffect, useRef, type SyntheticEvent } from 'react';

import type { Argument } from '../../api/types';
import { useI18n } from '../../i18n';
import { InputField } from '../../pages/workflowApp/InputField';
import { useLocked } from '../document/store';
import { usePreview } from '../preview/store';
import { useEditor } from '../state/editor';
import { setInput, useInputs, valuesOf } from './inputs';
import { usePartial } from './partial';
import classes from './Run.module.css';
import { pressRun, useStarting } from './start';

export function InputsForm() {
  const { t } = useI18n();
  const whole = usePreview((state) => (state.plan ?? state.lastPlan)?.inputs);
  const partial = usePartial();
  const inputs = partial.to === null ? whole : partial.inputs;
  const busy = useStarting((state) => state.busy);
  const locked = useLocked();
  const form = useRef<HTMLFormElement>(null);
  const refusals = useInputs((state) => state.refusals);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [refusals]);
  if (locked) return <p className={classes.note}>{t('editor.read_only_text')}</p>;
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void pressRun(partial.to);
  };
  return (
    <form ref={form} className={classes.form} onSubmit={submit} noValidate data-testid="run-form">
      <h3>{t('editor.inputs')}</h3>
      {inputs === undefined && <p className={classes.note}>{t('editor.inputs_unknown')}</p>}
      {inputs?.length === 0 && <p className={classes.note}>{t('editor.inputs_none')}</p>}
      {inputs && <Fields inputs={inputs} />}
      <div className={classes.go}>
        <Button type="submit" size="xs" variant="light" loading={busy} data-testid="run-with-inputs">
          {t(partial.to === null ? 'editor.run' : 'editor.run_to_here')}
        </Button>
      </div>
    </form>
  );
}

function Fields({ inputs }: { readonly inputs: readonly Argument[] }) {
  const { workflow, workspace } = useEditor();
  const { filled, problems } = useInputs();
  const values = valuesOf(inputs, filled);
  return inputs.map((input) => (
    <div key={input.name} data-testid={`input-${input.name}`}>
      <InputField
        workspace={workspace}
        input={input}
        value={values[input.name] ?? null}
        problem={problems[input.name]}
        onChange={(value) => setInput(workflow, input.name, value)}
      />
    </div>
  ));
}
