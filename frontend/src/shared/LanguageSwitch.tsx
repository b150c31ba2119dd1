// Two languages, each called by its own name.
import { SegmentedControl } from '@mantine/core';
import { useSwitchLanguage } from '../api/session';
import { useI18n, type Language } from '../i18n';

export function LanguageSwitch() {
  const { t, language } = useI18n();
  const switchTo = useSwitchLanguage();
  return (
    <SegmentedControl<Language>
      size="xs"
      aria-label={t('session.language')}
      value={language}
      onChange={(next) => switchTo.mutate(next)}
      data={[
        { value: 'en', label: 'English' },
        { value: 'zh', label: '简体中文' },
      ]}
    />
  );
}
