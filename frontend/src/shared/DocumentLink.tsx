// A document is kept, and never shown: only its text goes on.
import { IconFileDownload } from '@tabler/icons-react';
import { contentUrl, downloadUrl } from '../api/assets';
import { useI18n } from '../i18n';

export function DocumentLink({ asset }: { readonly asset: string }) {
  const { t } = useI18n();
  return (
    <a href={downloadUrl(contentUrl(asset))} download>
      <IconFileDownload size={16} stroke={1.5} aria-hidden /> {t('workflows.document_kept')}
    </a>
  );
}
