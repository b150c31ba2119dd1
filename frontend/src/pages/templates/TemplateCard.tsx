// One template: what it looks like, what it does, what it needs, and the way in.
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBrain } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { useUseTemplate } from '../../api/gallery';
import { useModels } from '../../api/models';
import { mayWrite, type Model, type Need, type Template } from '../../api/types';
import { useWorkspace } from '../../app/workspace';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { ModelInstall } from '../../shared/ModelInstall';
import { mediaWord, tagWord } from '../../shared/wording';
import classes from './TemplateCard.module.css';

export function TemplateCard({ template }: { readonly template: Template }) {
  const i18n = useI18n();
  const { t, words, format } = i18n;
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const use = useUseTemplate(workspace?.id);
  const title = words(template.title);
  const { data: models } = useModels();
  // The list of models is the fresher of the two: it follows an installation.
  const isHere = (need: Need) => need.installed || modelOf(models, need)?.state === 'installed';
  const here = template.needs.filter(isHere);
  const missing = template.needs.filter((need) => !isHere(need));
  const gives = [...new Set(template.inputs.map((input) => mediaWord(i18n, input.type)))];
  const facts = [
    gives.length > 0 ? t('templates.takes', { inputs: format.list(gives) }) : null,
    here.length > 0 ? t('templates.runs_on', { models: format.list(here.map((need) => need.title)) }) : null,
  ].filter((fact) => fact !== null);
  const open = () =>
    use.mutate(template.id, {
      onSuccess: (workflow) => {
        notifications.show({ message: t('templates.opened', { name: workflow.name }) });
        void navigate(`/workflows/${workflow.id}`);
      },
    });
  return (
    <article className={classes.card}>
      <img
        className={classes.picture}
        src={template.picture}
        alt=""
        width={640}
        height={320}
        loading="lazy"
      />
      <div className={classes.body}>
        <h2 className={classes.title}>{title}</h2>
        <p className={classes.description}>{words(template.description)}</p>
        <p className={classes.facts}>{facts.join(' · ')}</p>
        {missing.length > 0 && (
          <ul className={classes.missing}>
            {missing.map((need) => (
              <MissingModel key={need.model} need={need} model={modelOf(models, need)} />
            ))}
          </ul>
        )}
        {use.error && <ErrorNotice error={use.error} />}
        <footer className={classes.foot}>
          <ul className={classes.tags} aria-label={t('templates.tags')}>
            {template.tags.map((tag) => (
              <li key={tag}>{tagWord(i18n, tag)}</li>
            ))}
          </ul>
          <Button
            variant="light"
            loading={use.isPending}
            disabled={!workspace || !mayWrite(workspace.role)}
            onClick={open}
            aria-label={t('templates.use_named', { name: title })}
          >
            {t('templates.use')}
          </Button>
        </footer>
      </div>
    </article>
  );
}

function modelOf(models: readonly Model[] | undefined, need: Need): Model | undefined {
  return models?.find((model) => model.name === need.model);
}

function MissingModel({ need, model }: { readonly need: Need; readonly model: Model | undefined }) {
  const { t } = useI18n();
  const named = { model: need.title };
  return (
    <li>
      <p>
        <IconBrain size={15} stroke={1.5} aria-hidden />
        {model?.state === 'installing'
          ? t('templates.needs_installing', named)
          : need.available
            ? t('templates.needs_missing', named)
            : t('templates.needs_unavailable', named)}
      </p>
      {need.available && model && <ModelInstall model={model} title={need.title} />}
    </li>
  );
}
