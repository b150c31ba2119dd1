// Files by their id: shown to who brought them, told to everybody else, in both languages.
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';
import { makeQueryClient } from '../api/queries';
import type { Asset } from '../api/types';
import { useLanguage } from '../i18n';
import { StoredFile } from './StoredFile';

const ID = '01930000-0000-7000-8000-0000000000d1';
const PICTURE: Asset = {
  id: ID,
  media_type: 'image/png',
  width: 640,
  height: 480,
  size: 20_480,
  url: `/api/assets/${ID}/content`,
  readable: true,
};
let asked: string[] = [];
beforeEach(() => {
  asked = [];
  useLanguage.setState({ language: 'en' });
});

function show(body: unknown, type: 'image' | 'audio' | 'document', status = 200): void {
  vi.stubGlobal('fetch', (request: Request) => {
    asked.push(new URL(request.url).pathname);
    return Promise.resolve(Response.json(body, { status }));
  });
  render(
    <MantineProvider>
      <QueryClientProvider client={makeQueryClient()}>
        <StoredFile asset={ID} type={type} label="Photo" />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

it('shows a picture to who brought it', async () => {
  show(PICTURE, 'image');
  expect(await screen.findByAltText('Photo')).toHaveAttribute('src', PICTURE.url);
});

it.each([
  ['image', PICTURE, 'PNG · 640 × 480 · '],
  ['audio', { ...PICTURE, media_type: 'audio/mpeg', width: null, height: null }, 'MP3 · '],
  ['document', { ...PICTURE, media_type: 'text/plain', width: null, height: null }, 'TXT · '],
] as const)('names the %s of somebody else, and asks for none of its bytes', async (type, file, facts) => {
  show({ ...file, readable: false }, type);
  const note = await screen.findByTestId('file-of-another');
  expect(note).toHaveTextContent('File of another member');
  expect(note).toHaveTextContent(facts);
  expect(document.querySelector('img, audio, a')).toBeNull();
  expect(asked).toEqual([`/api/assets/${ID}`]);
});

it('says so in Chinese', async () => {
  useLanguage.setState({ language: 'zh' });
  show({ ...PICTURE, readable: false }, 'image');
  expect(await screen.findByText('其他成员的文件')).toBeVisible();
});

it('says of a file that was deleted that it is gone', async () => {
  show({ code: 'not_found', message: 'Nothing.', hint: null }, 'image', 404);
  expect(await screen.findByText('This file is not here any more.')).toBeVisible();
});
