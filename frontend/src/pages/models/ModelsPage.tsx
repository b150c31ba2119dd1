// The AI models of the installation: what each is for, under which licence, and whether it is here.
import { Button } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBrain,
  IconCircleCheck,
  IconCircleDashed,
  IconSearchOff,
  type Icon,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useModels } from '../../api/models';
import type { Model, ModelState } from '../../api/types';
import { TopBar } from '../../app/topbar';
import { useI18n, type PlainKey } from '../../i18n';
import { EmptyState } from '../../shared/EmptyState';
import { Failure } from '../../shared/Failure';
import { ModelInstall } from '../../shared/ModelInstall';
import { Page } from '../../shared/Page';
import { matches, SearchField } from '../../shared/SearchField';
import { Spinner } from '../../shared/Spinner';
import { Waiting } from '../../shared/Waiting';
import { capabilityWord } from '../../shared/wording';
import classes from './ModelsPage.module.css';

export function ModelsPage() {
  const i18n = useI18n();
  const { t } = i18n;
  const { data: models, error, refetch } = useModels();
  const [query, setQuery] = useState('');
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  const shown = models?.filter((model) => fits(model, query, capabilityWord(i18n, model.capability)));
  return (
    <Page>
      <TopBar title={t('models.title')} />
      {!models || !shown ? (
        <Waiting />
      ) : models.length === 0 ? (
        <EmptyState icon={IconBrain} title={t('models.empty_title')} text={t('models.empty_text')} />
      ) : (
        <>
          <header className={classes.head}>
            <p className={classes.lead}>{t('models.lead')}</p>
            <SearchField label={t('models.search')} value={query} onChange={setQuery} />
          </header>
          {shown.length === 0 ? (
            <EmptyState
              icon={IconSearchOff}
              title={t('models.none_found', { query })}
              action={
                <Button variant="default" onClick={() => setQuery('')}>
                  {t('models.show_all')}
                </Button>
              }
            />
          ) : (
            <ul className={classes.list}>
              {shown.map((model) => (
                <ModelRow key={model.name} model={model} />
              ))}
            </ul>
          )}
        </>
      )}
    </Page>
  );
}

function fits(model: Model, query: string, capability: string): boolean {
  return matches(
    query,
    model.name,
    model.title.en,
    model.title.zh,
    model.licence,
    model.capability,
    capability,
  );
}

function ModelRow({ model }: { readonly model: Model }) {
  const i18n = useI18n();
  const { t, words, format } = i18n;
  const title = words(model.title);
  return (
    <li className={classes.model}>
      <div className={classes.about}>
        <h2 className={classes.title}>{title}</h2>
        <span className={classes.name}>{model.name}</span>
        {model.note && <p className={classes.note}>{words(model.note)}</p>}
        <dl className={classes.facts}>
          <Fact word={t('models.capability')} value={capabilityWord(i18n, model.capability)} />
          <Fact word={t('models.licence')} value={model.licence} />
          {model.size > 0 && <Fact word={t('models.size')} value={format.bytes(model.size)} />}
          <Fact word={t('models.source')} value={format.list(model.sources.map(words))} />
        </dl>
      </div>
      <div className={classes.state}>
        <ModelStateMark state={model.state} />
        <ModelInstall model={model} title={title} />
      </div>
    </li>
  );
}

function Fact({ word, value }: { readonly word: string; readonly value: string }) {
  return (
    <div>
      <dt>{word}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const STATES: Record<ModelState, { icon: Icon | null; word: PlainKey }> = {
  installed: { icon: IconCircleCheck, word: 'models.state_installed' },
  missing: { icon: IconCircleDashed, word: 'models.state_missing' },
  installing: { icon: null, word: 'models.state_installing' },
  broken: { icon: IconAlertTriangle, word: 'models.state_broken' },
};

function ModelStateMark({ state }: { readonly state: ModelState }) {
  const { t } = useI18n();
  const { icon: Sign, word } = STATES[state];
  return (
    <span className={classes.mark} data-state={state}>
      {Sign ? <Sign size={16} stroke={1.5} aria-hidden /> : <Spinner />}
      {t(word)}
    </span>
  );
}
