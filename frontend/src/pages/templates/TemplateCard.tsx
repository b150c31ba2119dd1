// One template: what it looks like, what it does, what it needs, and the way in.
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBrain } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { useUseTemplate } from '../../api/gallery';
import { useModels } from '../../api/models';
import type { Need, Template } from '../../api/types';
import { useWorkspace } from '../../app/workspace';
import { useI18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import { ModelInstall } from '../../shared/ModelInstall';
import { mediaWord } from '../../shared/wording';
import classes from './TemplateCard.module.css';

export function TemplateCard({ template }: { readonly template: Template }) {
  const i18n = useI18n();
  const { t, words, format } = i18n;
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const use = useUseTemplate(workspace?.id);
  const title = words(template.title);
  const missing = template.needs.filter((need) => !need.installed);
  const inputs = [...new Set(template.inputs.map((input) => mediaWord(i18n, input.type)))];
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
        height={360}
        loading="lazy"
      />
      <div className={classes.body}>
        <h2 className={classes.title}>{title}</h2>
        <p className={classes.description}>{words(template.description)}</p>
        {missing.map((need) => (
          <MissingModel key={need.model} need={need} />
        ))}
        {use.error && <ErrorNotice error={use.error} />}
        <footer className={classes.foot}>
          <ul className={classes.tags} aria-label={t('templates.tags')}>
            {template.tags.map((tag) => (
              <li key={tag}>{tag}</li>
            ))}
          </ul>
          <Button
            variant={missing.length > 0 ? 'default' : 'filled'}
            loading={use.isPending}
            disabled={!workspace || workspace.role === 'viewer'}
            onClick={open}
            aria-label={t('templates.use_named', { name: title })}
          >
            {t('templates.use')}
          </Button>
        </footer>
        {inputs.length > 0 && (
          <p className={classes.takes}>{t('templates.takes', { inputs: format.list(inputs) })}</p>
        )}
      </div>
    </article>
  );
}

function MissingModel({ need }: { readonly need: Need }) {
  const { t } = useI18n();
  const { data: models } = useModels();
  const model = models?.find((candidate) => candidate.name === need.model);
  return (
    <div className={classes.missing}>
      <p>
        <IconBrain size={15} stroke={1.5} aria-hidden />
        {need.available
          ? t('templates.needs_missing', { model: need.title })
          : t('templates.needs_unavailable', { model: need.title })}
      </p>
      {need.available && model && <ModelInstall model={model} title={need.title} />}
    </div>
  );
}
