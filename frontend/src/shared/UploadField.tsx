// A field for a file: choose one or drop one; it is uploaded at once and known by its id.
import { Button, Input } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useRef, useState, type DragEvent, type ReactNode } from 'react';
import { uploadAsset } from '../api/assets';
import { asApiError } from '../api/errors';
import { keys } from '../api/queries';
import type { Id } from '../api/types';
import { useI18n } from '../i18n';
import { Spinner } from './Spinner';
import classes from './UploadField.module.css';

export interface UploadFieldProps {
  readonly workspace: Id;
  readonly label: string;
  /** The asset's id; empty when there is none. */
  readonly value: Id | null;
  readonly onChange: (value: Id | null) => void;
  readonly required?: boolean;
  readonly error?: string | null;
}

interface Kind {
  /** What the browser offers to choose from: media types, and endings where browsers disagree about a type. */
  readonly accept: readonly string[];
  readonly fits: (file: File) => boolean;
  /** What to say of a file that does not fit. */
  readonly misfit: string;
  readonly choose: string;
  readonly icon: ReactNode;
  readonly children?: ReactNode;
}

export function UploadField(props: UploadFieldProps & Kind) {
  const { workspace, label, value, onChange, required, error, accept, fits, misfit, choose, icon } = props;
  const { t } = useI18n();
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const [dragging, setDragging] = useState(false);
  const known = useQueryClient();
  const upload = useMutation({
    mutationFn: (file: File) => {
      if (!fits(file)) throw new Error(misfit);
      return uploadAsset(workspace, file);
    },
    onSuccess: (asset) => {
      known.setQueryData(keys.asset(asset.id), asset);
      onChange(asset.id);
    },
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
        {props.children}
        <div className={classes.tools}>
          <Button
            variant="default"
            leftSection={upload.isPending ? <Spinner /> : icon}
            disabled={upload.isPending}
            onClick={() => field.current?.click()}
          >
            {upload.isPending ? t('workflows.file_uploading') : value ? t('workflows.file_replace') : choose}
          </Button>
          {!value && <span className={classes.note}>{t('workflows.file_drop')}</span>}
        </div>
        <input
          ref={field}
          id={id}
          className="sw-hidden"
          type="file"
          tabIndex={-1}
          accept={accept.join(',')}
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
