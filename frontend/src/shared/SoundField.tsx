// A field for a sound.
import { IconMicrophone } from '@tabler/icons-react';
import { contentUrl } from '../api/assets';
import { useI18n } from '../i18n';
import { Sound } from './Sound';
import { UploadField, type UploadFieldProps } from './UploadField';

/** Browsers name WAV in several ways. */
const TYPES = ['audio/wav', 'audio/x-wav', 'audio/wave', 'audio/vnd.wave'];

export function SoundField(props: UploadFieldProps) {
  const { t } = useI18n();
  return (
    <UploadField
      {...props}
      accept={[...TYPES, '.wav']}
      fits={(file) => TYPES.includes(file.type) || file.name.toLowerCase().endsWith('.wav')}
      misfit={t('workflows.sound_not')}
      choose={t('workflows.sound_choose')}
      icon={<IconMicrophone size={16} stroke={1.5} />}
    >
      {props.value && <Sound src={contentUrl(props.value)} label={props.label} />}
    </UploadField>
  );
}
