// One value for a person: text to read and copy, a picture or a sound to keep, a figure, or data.
import { Button, CopyButton } from '@mantine/core';
import { IconCopy, IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { downloadUrl, isFileValue, isSound } from '../../api/assets';
import type { FileValue, Json, OutputValue } from '../../api/types';
import { useI18n } from '../../i18n';
import { Picture } from '../Picture';
import { Sound } from '../Sound';
import classes from './ResultList.module.css';

interface ResultValueProps {
  readonly title: string;
  readonly value: OutputValue;
  /** What else can be done with a text. */
  readonly tools?: ReactNode;
}

export function ResultValue({ title, value, tools }: ResultValueProps) {
  const { t, format } = useI18n();
  if (value === null || value === '') return <p className={classes.none}>{t('runs.no_value')}</p>;
  if (isFileValue(value)) return <FileResult title={title} value={value} />;
  if (typeof value === 'string') return <TextResult text={value} tools={tools} />;
  if (typeof value === 'number') return <span className={classes.figure}>{format.number(value, 6)}</span>;
  if (typeof value === 'boolean')
    return <span className={classes.figure}>{t(value ? 'runs.yes' : 'runs.no')}</span>;
  if (isList(value))
    return (
      <>
        <ol className={classes.many}>
          {value.map((item, index) => (
            // A list value is final: its order is its identity.
            <li key={index}>
              <ResultValue title={`${title} ${index + 1}`} value={item} />
            </li>
          ))}
        </ol>
        {tools && value.every((item) => typeof item === 'string') && (
          <div className={classes.tools}>{tools}</div>
        )}
      </>
    );
  return <pre className={classes.data}>{JSON.stringify(value, null, 2)}</pre>;
}

function TextResult({ text, tools }: { readonly text: string; readonly tools: ReactNode }) {
  const { t } = useI18n();
  return (
    <>
      <p className={classes.text}>{text}</p>
      <div className={classes.tools}>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<IconCopy size={14} stroke={1.5} />}
              onClick={copy}
            >
              {t(copied ? 'common.copied' : 'common.copy')}
            </Button>
          )}
        </CopyButton>
        {tools}
      </div>
    </>
  );
}

function FileResult({ title, value }: { readonly title: string; readonly value: FileValue }) {
  const { t, format } = useI18n();
  const { url, width, height, size } = value;
  return (
    <>
      {isSound(value) ? (
        <Sound src={url} label={t('runs.sound_of', { title })} />
      ) : (
        <Picture src={url} alt={t('runs.picture_of', { title })} width={width} height={height} />
      )}
      <div className={classes.tools}>
        <Button
          component="a"
          href={downloadUrl(url)}
          download
          size="compact-xs"
          variant="default"
          leftSection={<IconDownload size={14} stroke={1.5} />}
        >
          {t('common.download')}
        </Button>
        <span className={`${classes.size ?? ''} sw-figures`}>
          {width !== null && height !== null
            ? t('workflows.picture_size', { width, height, size: format.bytes(size) })
            : format.bytes(size)}
        </span>
      </div>
    </>
  );
}

/** `Array.isArray` forgets what a read-only list holds. */
function isList(value: OutputValue): value is readonly Json[] {
  return Array.isArray(value);
}
