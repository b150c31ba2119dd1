// Files that people bring: pictures, for now.
import { request } from './request';
import type { Asset, Id, ImageValue } from './types';

export function uploadAsset(workspace: Id, file: File, signal?: AbortSignal): Promise<Asset> {
  const form = new FormData();
  form.append('file', file);
  return request('POST', `/api/workspaces/${workspace}/assets`, { form, signal });
}

export function getAsset(id: Id, signal?: AbortSignal): Promise<Asset> {
  return request('GET', `/api/assets/${id}`, { signal });
}

export function contentUrl(asset: Id): string {
  return `/api/assets/${asset}/content`;
}

export function downloadUrl(contentUrl: string): string {
  return `${contentUrl}${contentUrl.includes('?') ? '&' : '?'}download=1`;
}

export function isImageValue(value: unknown): value is ImageValue {
  return typeof value === 'object' && value !== null && 'asset' in value && 'url' in value;
}
