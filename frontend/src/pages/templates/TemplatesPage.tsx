// Home: the gallery of templates.
import { Button, Chip, Group } from '@mantine/core';
import { IconLayoutGrid, IconSearchOff } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { useTemplates } from '../../api/gallery';
import type { Template } from '../../api/types';
import { TopBar } from '../../app/topbar';
import { useI18n, type I18n } from '../../i18n';
import { EmptyState } from '../../shared/EmptyState';
import { Failure } from '../../shared/Failure';
import { Page } from '../../shared/Page';
import { matches, SearchField } from '../../shared/SearchField';
import { Waiting } from '../../shared/Waiting';
import { tagWord } from '../../shared/wording';
import { TemplateCard } from './TemplateCard';
import classes from './TemplatesPage.module.css';

export function TemplatesPage() {
  const { t } = useI18n();
  const { data: templates, error, refetch } = useTemplates();
  if (error) return <Failure error={error} onRetry={() => void refetch()} />;
  return (
    <Page width="wide">
      <TopBar title={t('templates.title')} />
      {!templates ? (
        <Waiting />
      ) : templates.length === 0 ? (
        <NoTemplates />
      ) : (
        <Gallery templates={templates} />
      )}
    </Page>
  );
}

function NoTemplates() {
  const { t } = useI18n();
  return (
    <EmptyState
      icon={IconLayoutGrid}
      title={t('templates.empty_title')}
      text={t('templates.empty_text')}
      action={
        <Button component={Link} to="/workflows">
          {t('templates.empty_action')}
        </Button>
      }
    />
  );
}

function Gallery({ templates }: { readonly templates: readonly Template[] }) {
  const i18n = useI18n();
  const { t } = i18n;
  const [query, setQuery] = useState('');
  const [tag, setTag] = useState<string | null>(null);
  const tags = [...new Set(templates.flatMap((template) => template.tags))].sort();
  const shown = templates.filter(
    (template) => (tag === null || template.tags.includes(tag)) && fits(i18n, template, query),
  );
  const showAll = () => {
    setQuery('');
    setTag(null);
  };
  return (
    <>
      <header className={classes.head}>
        <p className={classes.lead}>{t('templates.lead')}</p>
        <div className={classes.tools}>
          <SearchField label={t('templates.search')} value={query} onChange={setQuery} />
          <Chip.Group value={tag ?? ''} onChange={(value) => setTag(value === '' ? null : value)}>
            <Group gap={6}>
              <Chip value="" size="xs">
                {t('templates.all')}
              </Chip>
              {tags.map((name) => (
                <Chip key={name} value={name} size="xs">
                  {tagWord(i18n, name)}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        </div>
      </header>
      {shown.length === 0 ? (
        <EmptyState
          icon={IconSearchOff}
          title={t('templates.none_found_title', { query })}
          text={t('templates.none_found_text')}
          action={
            <Button variant="default" onClick={showAll}>
              {t('templates.show_all')}
            </Button>
          }
        />
      ) : (
        <ul className={classes.grid}>
          {shown.map((template) => (
            <li key={template.id}>
              <TemplateCard template={template} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Searches both languages: people remember a template by the name they first met. */
function fits(i18n: I18n, template: Template, query: string): boolean {
  const { title, description, tags, slug } = template;
  return matches(
    query,
    title.en,
    title.zh,
    description.en,
    description.zh,
    slug,
    ...tags,
    ...tags.map((tag) => tagWord(i18n, tag)),
  );
}
