// Which model: those of the right capability, with size and licence, and what to do when one is missing.
import { Select } from '@mantine/core';
import { IconBrain } from '@tabler/icons-react';

import { useModels } from '../../../api/models';
import type { Model } from '../../../api/types';
import { useI18n } from '../../../i18n';
import { ModelInstall } from '../../../shared/ModelInstall';
import classes from '../Inspector.module.css';
import { modelsFor, modelTitle } from '../models';
import type { FieldProps } from './ParamField';

export function ModelField({ param, value, set, label, error, description, testId }: FieldProps) {
  const { t, words } = useI18n();
  const { data: models } = useModels();
  const name = typeof value === 'string' ? value : '';
  const offered = modelsFor(models, param.capability);
  const chosen = models?.find((model) => model.name === name);
  const known = offered.some((model) => model.name === name);
  const data = [
    ...offered.map((model) => ({ value: model.name, label: modelTitle(models, model.name, words) })),
    // A model that this installation does not know stays chosen: the value is never lost.
    ...(name !== '' && !known ? [{ value: name, label: t('editor.model_unknown', { name }) }] : []),
  ];
  return (
    <>
      <Select
        label={label}
        error={error}
        description={description}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        required={param.required}
        withAsterisk={false}
        leftSection={<IconBrain size={16} stroke={1.5} />}
        data={data}
        value={name || null}
        onChange={(next) => next !== null && set(next)}
        renderOption={({ option }) => {
          const model = offered.find((candidate) => candidate.name === option.value);
          return (
            <span className={classes.modelOption}>
              <span>{option.label}</span>
              {model && <ModelFacts model={model} />}
            </span>
          );
        }}
        placeholder={t('editor.model_choose')}
        nothingFoundMessage={t('editor.model_none')}
        data-testid={testId}
      />
      {chosen && (
        <p className={classes.modelLine}>
          <ModelFacts model={chosen} />
        </p>
      )}
      {chosen && chosen.state !== 'installed' && (
        <div className={classes.modelNote} data-testid="model-missing">
          <span>{chosen.note ? words(chosen.note) : t('editor.model_missing_text')}</span>
          <ModelInstall model={chosen} title={modelTitle(models, chosen.name, words)} />
        </div>
      )}
    </>
  );
}

function ModelFacts({ model }: { readonly model: Model }) {
  const { t, format } = useI18n();
  // A model that is nowhere to be had yet has no size.
  const facts = [...(model.size > 0 ? [format.bytes(model.size)] : []), model.licence];
  if (model.state === 'missing') facts.push(t('editor.model_missing'));
  return <small>{facts.join(' · ')}</small>;
}
