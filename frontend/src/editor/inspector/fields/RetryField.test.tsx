import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it } from 'vitest';

import { useLanguage } from '../../../i18n';
import { findNode } from '../../document/lookup';
import { useDocument } from '../../document/store';
import { CATALOG, graph, node } from '../../document/testing';
import { RetryField } from './RetryField';

function Field() {
  const drawn = useDocument((state) => findNode(state.history.doc, 'm'));
  const spec = CATALOG.specs.get('text.generate');
  return drawn && spec ? <RetryField node={drawn} spec={spec} /> : null;
}

beforeEach(() => {
  useLanguage.setState({ language: 'en' });
  useDocument.getState().load(graph([node('m', 'text.generate')]));
  render(<Field />, { wrapper: MantineProvider });
});

const said = () => useDocument.getState().history.doc.nodes[0]?.retry;

it('says how often and after how long, and nothing once it is none', async () => {
  expect(screen.queryByTestId('retry-wait')).toBeNull();
  const times = screen.getByTestId('retry-times');
  await userEvent.clear(times);
  await userEvent.type(times, '2');
  expect(said()).toEqual({ times: 2, wait: 4, longest: 60 });
  await userEvent.clear(screen.getByTestId('retry-wait'));
  await userEvent.type(screen.getByTestId('retry-wait'), '90');
  expect(said()).toEqual({ times: 2, wait: 90, longest: 90 });
  await userEvent.clear(times);
  await userEvent.type(times, '0');
  expect(said()).toBeUndefined();
});
