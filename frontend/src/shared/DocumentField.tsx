// A field for a document.
import { IconFileDownload, IconFileText } from '@tabler/icons-react';
import { contentUrl, downloadUrl } from '../api/assets';
import { useI18n } from '../i18n';
import { UploadField, type UploadFieldProps } from './UploadField';

/** Browsers name these in many ways or not at all, so the ending counts; the server looks at the content. */
const ENDINGS = ['.pdf', '.docx', '.html', '.htm', '.md', '.csv', '.txt'];

export function DocumentField(props: UploadFieldProps) {
  const { t } = useI18n();
  return (
    <UploadField
      {...props}
      accept={ENDINGS}
      fits={(file) => ENDINGS.some((ending) => file.name.toLowerCase().endsWith(ending))}
      misfit={t('workflows.document_not')}
      choose={t('workflows.document_choose')}
      icon={<IconFileText size={16} stroke={1.5} />}
    >
      {props.value && <DocumentLink asset={props.value} />}
    </UploadField>
  );
}

/** A document is kept, and never shown: only its text goes on. */
export function DocumentLink({ asset }: { readonly asset: string }) {
  const { t } = useI18n();
  return (
    <a href={downloadUrl(contentUrl(asset))} download>
      <IconFileDownload size={16} stroke={1.5} aria-hidden /> {t('workflows.document_kept')}
    </a>
  );
}
