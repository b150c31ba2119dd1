import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it } from 'vitest';

import type { Argument } from '../../api/types';
import { useLanguage } from '../../i18n';
import { useEditor } from '../state/editor';
import { InputsForm } from './InputsForm';
import { refuse, useInputs } from './inputs';
import { askFor } from './partial';

const question = (name: string, title: string): Argument => ({
  name,
  type: 'text',
  title,
  node: name,
  required: true,
  default: null,
  multiline: false,
  minimum: null,
  maximum: null,
});

beforeEach(() => {
  useLanguage.setState({ language: 'en' });
  useEditor.setState({ workspace: 'ws', workflow: 'wf' });
  useInputs.setState({ filled: {}, problems: {}, refusals: 0 });
  askFor('b', [question('a', 'First'), question('b', 'Second')]);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider>
        <InputsForm />
      </MantineProvider>
    </QueryClientProvider>,
  );
});

it('puts the cursor on the first field in the way, each time that a start is refused', async () => {
  act(() => refuse({ b: 'Fill this in.' }));
  expect(screen.getByRole('textbox', { name: /Second/ })).toHaveFocus();
  await userEvent.click(screen.getByRole('textbox', { name: /First/ }));
  act(() => refuse({ b: 'Fill this in.' }));
  expect(screen.getByRole('textbox', { name: /Second/ })).toHaveFocus();
});

it('leaves the cursor where it is while a problem is being mended', async () => {
  act(() => refuse({ a: 'Fill this in.', b: 'Fill this in.' }));
  await userEvent.type(screen.getByRole('textbox', { name: /First/ }), 'Why?');
  expect(screen.getByRole('textbox', { name: /First/ })).toHaveFocus();
});
