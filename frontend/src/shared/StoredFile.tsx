// A stored file that is known by its id alone: shown to who brought it, and named to everybody else.
import { IconFileOff, IconLock } from '@tabler/icons-react';
import { contentUrl, formatOf, useAsset } from '../api/assets';
import type { Asset, Id } from '../api/types';
import { useI18n } from '../i18n';
import { DocumentLink } from './DocumentLink';
import { Picture } from './Picture';
import { Sound } from './Sound';
import classes from './StoredFile.module.css';

interface StoredFileProps {
  readonly asset: Id;
  readonly type: 'image' | 'audio' | 'document';
  readonly label: string;
}

export function StoredFile({ asset, type, label }: StoredFileProps) {
  const { data, isError } = useAsset(asset);
  if (isError) return <GoneFile />;
  if (!data) return <span className={classes.waiting} aria-busy />;
  if (!data.readable) return <FileOfAnother file={data} />;
  switch (type) {
    case 'image':
      return <Picture src={contentUrl(asset)} alt={label} width={data.width} height={data.height} />;
    case 'audio':
      return <Sound src={contentUrl(asset)} label={label} />;
    case 'document':
      return <DocumentLink asset={asset} />;
  }
}

/** What somebody else brought has passed no gate: what it is may be told, what is in it may not. */
export function FileOfAnother({ file }: { readonly file: Asset }) {
  const { t, format } = useI18n();
  const { width, height, size } = file;
  const large =
    width !== null && height !== null
      ? t('workflows.picture_size', { width, height, size: format.bytes(size) })
      : format.bytes(size);
  return (
    <div className={classes.note} data-testid="file-of-another">
      <IconLock size={18} stroke={1.5} aria-hidden />
      <p>
        <strong>{t('workflows.file_of_another')}</strong>
        <span className="sw-figures">
          {formatOf(file)} · {large}
        </span>
        <span>{t('workflows.file_of_another_text')}</span>
      </p>
    </div>
  );
}

function GoneFile() {
  const { t } = useI18n();
  return (
    <div className={classes.note}>
      <IconFileOff size={18} stroke={1.5} aria-hidden />
      <p>{t('workflows.file_gone')}</p>
    </div>
  );
}
