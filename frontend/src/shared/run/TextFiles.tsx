// A delivered text to keep as a file, with the label inside that the policy asks for.
import { Button } from '@mantine/core';
import { IconFileDownload } from '@tabler/icons-react';
import { TEXT_FORMS, textFileUrl } from '../../api/runs';
import type { Id } from '../../api/types';
import { useI18n } from '../../i18n';

interface TextFilesProps {
  readonly run: Id;
  readonly output: string;
}

export function TextFiles({ run, output }: TextFilesProps) {
  const { t } = useI18n();
  return TEXT_FORMS.map((form) => (
    <Button
      key={form}
      component="a"
      href={textFileUrl(run, output, form)}
      download
      size="compact-xs"
      variant="default"
      leftSection={<IconFileDownload size={14} stroke={1.5} />}
    >
      {t(form === 'md' ? 'runs.save_markdown' : 'runs.save_text')}
    </Button>
  ));
}
