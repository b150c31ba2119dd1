// A password of one's own: the current one where there is one, the new one twice, and what is wrong beside each.
import { Button, Group, Modal, PasswordInput, type PasswordInputProps } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type SyntheticEvent } from 'react';
import { useNavigate } from 'react-router';
import { asApiError } from '../../api/errors';
import { useSetPassword } from '../../api/session';
import type { User } from '../../api/types';
import type { PasswordSet } from '../../app/passwordSet';
import { useI18n, type I18n } from '../../i18n';
import { ErrorNotice } from '../../shared/ErrorNotice';
import classes from './PasswordDialog.module.css';

interface PasswordDialogProps {
  readonly user: User;
  readonly opened: boolean;
  readonly onClose: () => void;
}

export function PasswordDialog({ user, opened, onClose }: PasswordDialogProps) {
  const { t } = useI18n();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t(user.has_password ? 'session.password_change' : 'session.password_first')}
      size="sm"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <PasswordForm user={user} onClose={onClose} />
    </Modal>
  );
}

type Field = 'current' | 'new' | 'again';
type Wrong = Partial<Record<Field, string>>;

function PasswordForm({ user, onClose }: Pick<PasswordDialogProps, 'user' | 'onClose'>) {
  const i18n = useI18n();
  const { t } = i18n;
  const form = useRef<HTMLFormElement>(null);
  // Another one each time, so that each leads to the field.
  const [differs, setDiffers] = useState<object | null>(null);
  const set = useSetPassword();
  const signInAgain = useSignInAgain(user.username);
  const wrong: Wrong = differs ? { again: t('session.password_differs') } : wrongIn(set.error, i18n);
  const shown: readonly Field[] = user.has_password ? ['current', 'new', 'again'] : ['new', 'again'];
  const first = shown.find((name) => wrong[name]);
  // Whoever cannot see where it turned red is led there, and told why.
  useEffect(() => {
    if (first) form.current?.querySelector<HTMLElement>(`[name=${first}]`)?.focus();
  }, [first, differs, set.error]);

  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const same = given.get('new') === given.get('again');
    set.reset();
    setDiffers(same ? null : {});
    if (same)
      set.mutate(
        { current: textOf(given.get('current')), new: textOf(given.get('new')) },
        { onSuccess: signInAgain },
      );
  };

  return (
    <form ref={form} className={classes.form} onSubmit={submit}>
      <p className={classes.lead}>{t('session.password_lead', { username: user.username })}</p>
      {/* For password managers, which would not know whose it is. */}
      <input name="username" autoComplete="username" defaultValue={user.username} hidden readOnly />
      {user.has_password && (
        <Secret
          name="current"
          label={t('session.password_current')}
          autoComplete="current-password"
          error={wrong.current}
          data-autofocus
        />
      )}
      <Secret
        name="new"
        label={t('session.password_new')}
        description={t('session.password_new_help')}
        autoComplete="new-password"
        error={wrong.new}
        data-autofocus={user.has_password ? undefined : true}
      />
      <Secret
        name="again"
        label={t('session.password_again')}
        autoComplete="new-password"
        error={wrong.again}
      />
      {set.error && !first && <ErrorNotice error={set.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t('common.cancel')}
        </Button>
        <Button type="submit" loading={set.isPending}>
          {t(user.has_password ? 'session.password_change' : 'session.password_first')}
        </Button>
      </Group>
    </form>
  );
}

interface SecretProps extends PasswordInputProps {
  readonly name: Field;
  readonly 'data-autofocus'?: true | undefined;
}

/** Mantine's field, which paints an error and does not tell a screen reader that there is one. */
function Secret(props: SecretProps) {
  return <PasswordInput {...props} aria-invalid={Boolean(props.error)} required withAsterisk={false} />;
}

function textOf(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value : '';
}

/** Which field the server's answer is about, and what stands beside it. */
function wrongIn(error: Error | null, { language, words }: I18n): Wrong {
  if (!error) return {};
  const together = (sentences: readonly string[]) => sentences.join(language === 'zh' ? '' : ' ');
  const { code, message, hint, issues } = asApiError(error);
  if (code === 'wrong_credentials' || code === 'too_many_attempts')
    return { current: together(hint ? [message, hint] : [message]) };
  const about = (name: Field) =>
    issues.filter((issue) => issue.param === name).map((issue) => words(issue.message));
  const wrong: Wrong = {};
  for (const name of ['current', 'new'] as const) {
    const said = about(name);
    if (said.length > 0) wrong[name] = together(said);
  }
  return wrong;
}

/** The session is over. Where they are remembers why, before the page hears that nobody is signed in. */
function useSignInAgain(username: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const state: PasswordSet = { passwordSetFor: username };
  return () =>
    void Promise.resolve(navigate('.', { replace: true, state })).then(() => client.resetQueries());
}
