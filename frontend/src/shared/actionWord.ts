// What a gate does about what it finds, as a verb.
import type { I18n } from '../i18n';

export function actionWord({ t }: I18n, action: string): string {
  if (action === 'block') return t('editor.action_block');
  if (action === 'redact') return t('editor.action_redact');
  if (action === 'hold') return t('editor.action_hold');
  return action;
}
