// Files that people bring, and files that runs deliver.
import { useQuery } from '@tanstack/react-query';
import { api, ask } from './client';
import { keys } from './queries';
import type { Asset, Id, FileValue } from './types';

export function uploadAsset(workspace: Id, file: File, signal?: AbortSignal): Promise<Asset> {
  return ask(
    api.POST('/api/workspaces/{workspace}/assets', {
      params: { path: { workspace } },
      // OpenAPI calls a file a string of bytes; the browser has a File, and the form takes it as it is.
      body: { file: file as unknown as string },
      bodySerializer: () => {
        const form = new FormData();
        form.append('file', file);
        return form;
      },
      signal: signal ?? null,
    }),
  );
}

export function getAsset(asset: Id, signal?: AbortSignal): Promise<Asset> {
  return ask(api.GET('/api/assets/{asset}', { params: { path: { asset } }, signal: signal ?? null }));
}

/** What the file is, and whether its content is for this reader. */
export function useAsset(asset: Id) {
  return useQuery({
    queryKey: keys.asset(asset),
    queryFn: ({ signal }) => getAsset(asset, signal),
    staleTime: 60_000,
  });
}

const FORMATS: Readonly<Record<string, string>> = {
  'text/plain': 'TXT',
  'audio/mpeg': 'MP3',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'DOCX',
};

/** How people call the format of a file. */
export function formatOf({ media_type }: Pick<Asset, 'media_type'>): string {
  return FORMATS[media_type] ?? (media_type.split('/').at(-1) ?? media_type).toUpperCase();
}

/** Whether an input of this type takes a file. */
export function isFileType(type: string | undefined): type is 'image' | 'audio' | 'document' {
  return type === 'image' || type === 'audio' || type === 'document';
}

export function contentUrl(asset: Id): string {
  return `/api/assets/${asset}/content`;
}

export function downloadUrl(contentUrl: string): string {
  return `${contentUrl}${contentUrl.includes('?') ? '&' : '?'}download=1`;
}

/** A stored file that a run delivers: a picture or a sound. */
export function isFileValue(value: unknown): value is FileValue {
  return typeof value === 'object' && value !== null && 'asset' in value && 'url' in value;
}

export function isSound(value: { readonly media_type: string }): boolean {
  return value.media_type.startsWith('audio/');
}
