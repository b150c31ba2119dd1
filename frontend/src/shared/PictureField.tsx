// A field for a picture.
import { IconPhotoPlus } from '@tabler/icons-react';
import { useI18n } from '../i18n';
import { StoredFile } from './StoredFile';
import { UploadField, type UploadFieldProps } from './UploadField';

const TYPES = ['image/png', 'image/jpeg', 'image/webp'];

export function PictureField(props: UploadFieldProps) {
  const { t } = useI18n();
  return (
    <UploadField
      {...props}
      accept={TYPES}
      fits={(file) => TYPES.includes(file.type)}
      misfit={t('workflows.picture_not')}
      choose={t('workflows.picture_choose')}
      icon={<IconPhotoPlus size={16} stroke={1.5} />}
    >
      {props.value && <StoredFile asset={props.value} type="image" label={props.label} />}
    </UploadField>
  );
}
