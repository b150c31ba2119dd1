import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it } from 'vitest';

import type { Issue } from '../../api/types';
import { useLanguage } from '../../i18n';
import { useDocument } from '../document/store';
import { graph, node } from '../document/testing';
import { acceptPreview, resetPreview, usePreview } from '../preview/store';
import { Problems } from './Problems';

const issue: Issue = {
  code: 'missing_input',
  message: { en: 'Writer: “Prompt” is not connected.', zh: '“提示词”未连接。' },
  hint: { en: 'Draw a wire to it.', zh: '请为其连线。' },
  node: 'm',
  port: 'prompt',
  param: null,
  edge: null,
  severity: 'error',
};

beforeEach(() => {
  resetPreview();
  useLanguage.setState({ language: 'en' });
  useDocument.getState().load(graph([node('m', 'text.generate')]));
});

it('leads from a problem to its node', async () => {
  acceptPreview([issue], null);
  render(<Problems />, { wrapper: MantineProvider });
  expect(screen.getByText('Draw a wire to it.')).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: /not connected/ }));
  expect([...useDocument.getState().selection.nodes]).toEqual(['m']);
});

it('says that it does not know while the server is away', () => {
  usePreview.setState({ state: 'unreachable' });
  render(<Problems />, { wrapper: MantineProvider });
  expect(screen.getByText('The server cannot be reached.')).toBeInTheDocument();
});

it('says that nothing is wrong only when the server has said so', () => {
  acceptPreview([], null);
  render(<Problems />, { wrapper: MantineProvider });
  expect(screen.getByText('Nothing is wrong')).toBeInTheDocument();
});
