// A field for a sound.
import { IconMicrophone } from '@tabler/icons-react';
import { useI18n } from '../i18n';
import { StoredFile } from './StoredFile';
import { UploadField, type UploadFieldProps } from './UploadField';

/** Browsers name these in several ways, and WebM as a film; the server looks at the bytes. */
const TYPES = [
  'audio/wav',
  'audio/x-wav',
  'audio/wave',
  'audio/vnd.wave',
  'audio/mpeg',
  'audio/ogg',
  'audio/webm',
];
const ENDINGS = ['.wav', '.mp3', '.flac', '.ogg', '.oga', '.opus', '.webm'];

export function SoundField(props: UploadFieldProps) {
  const { t } = useI18n();
  return (
    <UploadField
      {...props}
      accept={[...TYPES, ...ENDINGS]}
      fits={(file) =>
        TYPES.includes(file.type) || ENDINGS.some((ending) => file.name.toLowerCase().endsWith(ending))
      }
      misfit={t('workflows.sound_not')}
      choose={t('workflows.sound_choose')}
      icon={<IconMicrophone size={16} stroke={1.5} />}
    >
      {props.value && <StoredFile asset={props.value} type="audio" label={props.label} />}
    </UploadField>
  );
}
