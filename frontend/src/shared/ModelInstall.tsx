// One model's way onto this machine: install, progress with a way to stop, or who could do it.
import { Button, Progress } from '@mantine/core';
import { useCancelInstall, useInstallModel } from '../api/models';
import { useSession } from '../api/session';
import type { Model } from '../api/types';
import { useI18n } from '../i18n';
import { ErrorNotice } from './ErrorNotice';
import classes from './ModelInstall.module.css';

interface ModelInstallProps {
  readonly model: Model;
  readonly title: string;
}

export function ModelInstall({ model, title }: ModelInstallProps) {
  const { t, format } = useI18n();
  const { data: session } = useSession();
  const install = useInstallModel();
  const stop = useCancelInstall();
  const isAdmin = session?.user?.is_admin ?? false;
  const error = install.error ?? stop.error;
  if (model.state === 'installed') return null;
  return (
    <div className={classes.install}>
      {model.state === 'installing' ? (
        <>
          <InstallProgress model={model} title={title} />
          {isAdmin && (
            <Button
              size="xs"
              variant="default"
              aria-label={t('models.stop_named', { name: title })}
              loading={stop.isPending}
              onClick={() => stop.mutate(model.name)}
            >
              {t('models.stop')}
            </Button>
          )}
        </>
      ) : !model.available ? (
        <span className={classes.note}>{t('models.not_offered')}</span>
      ) : isAdmin ? (
        <Button
          size="xs"
          variant="default"
          aria-label={t('models.install_named', { name: title })}
          loading={install.isPending}
          onClick={() => install.mutate(model.name)}
        >
          {model.state === 'broken'
            ? t('models.install_again')
            : t('models.install_sized', { size: format.bytes(model.size) })}
        </Button>
      ) : (
        <span className={classes.note}>{t('models.admins_only')}</span>
      )}
      {error && <ErrorNotice error={error} />}
    </div>
  );
}

function InstallProgress({ model, title }: ModelInstallProps) {
  const { t, format } = useI18n();
  const { done, total } = model.progress ?? { done: 0, total: 0 };
  const share = total > 0 ? done / total : 0;
  const figures =
    done > 0
      ? t('models.progress', { done: format.bytes(done), total: format.bytes(total) })
      : t('models.starting');
  return (
    <div className={classes.progress}>
      <Progress value={share * 100} size="sm" aria-label={title} />
      <span className={`${classes.note ?? ''} sw-figures`}>{figures}</span>
    </div>
  );
}
