// A field for a picture: choose a file or drop one; it is uploaded at once and known by its id.
import { Button, Input } from '@mantine/core';
import { IconPhotoPlus } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useId, useRef, useState, type DragEvent } from 'react';
import { contentUrl, uploadAsset } from '../api/assets';
import { asApiError } from '../api/errors';
import type { Id } from '../api/types';
import { useI18n } from '../i18n';
import { Picture } from './Picture';
import classes from './PictureField.module.css';
import { Spinner } from './Spinner';

export const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/webp'];

interface PictureFieldProps {
  readonly workspace: Id;
  readonly label: string;
  /** The asset's id; empty when there is none. */
  readonly value: Id | null;
  readonly onChange: (value: Id | null) => void;
  readonly required?: boolean;
  readonly error?: string | null;
}

export function PictureField({ workspace, label, value, onChange, required, error }: PictureFieldProps) {
  const { t } = useI18n();
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const [dragging, setDragging] = useState(false);
  const upload = useMutation({
    mutationFn: (file: File) => {
      if (!PICTURE_TYPES.includes(file.type)) throw new Error(t('workflows.picture_not'));
      return uploadAsset(workspace, file);
    },
    onSuccess: (asset) => onChange(asset.id),
  });
  const take = (file: File | undefined) => {
    if (file) upload.mutate(file);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setDragging(false);
    take(event.dataTransfer.files[0]);
  };
  const problem = upload.error ? asApiError(upload.error).message : error;
  return (
    <Input.Wrapper id={id} label={label} error={problem} required={required ?? false} withAsterisk={false}>
      {/* Dropping is an addition: the button inside does the same for keyboards and readers. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div
        className={classes.zone}
        data-dragging={dragging || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setDragging(true);
        }}
        onDragLeave={() => setDragging(false)}
        onDrop={drop}
      >
        {value && <Picture src={contentUrl(value)} alt={label} />}
        <div className={classes.tools}>
          <Button
            variant="default"
            leftSection={upload.isPending ? <Spinner /> : <IconPhotoPlus size={16} stroke={1.5} />}
            disabled={upload.isPending}
            onClick={() => field.current?.click()}
          >
            {upload.isPending
              ? t('workflows.picture_uploading')
              : t(value ? 'workflows.picture_replace' : 'workflows.picture_choose')}
          </Button>
          {!value && <span className={classes.note}>{t('workflows.picture_drop')}</span>}
        </div>
        <input
          ref={field}
          id={id}
          className="sw-hidden"
          type="file"
          tabIndex={-1}
          accept={PICTURE_TYPES.join(',')}
          onChange={(event) => {
            take(event.currentTarget.files?.[0]);
            // The same file may be chosen again after a failure.
            event.currentTarget.value = '';
          }}
        />
      </div>
    </Input.Wrapper>
  );
}
