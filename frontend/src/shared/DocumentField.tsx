// A field for a document.
import { IconFileText } from '@tabler/icons-react';
import { useI18n } from '../i18n';
import { StoredFile } from './StoredFile';
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
      {props.value && <StoredFile asset={props.value} type="document" label={props.label} />}
    </UploadField>
  );
}
