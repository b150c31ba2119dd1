import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';

import { makeQueryClient } from '../../../api/queries';
import type { Param } from '../../../api/types';
import { useLanguage } from '../../../i18n';
import { findNode } from '../../document/lookup';
import { currentGraph, useDocument } from '../../document/store';
import { graph, node, param, spec } from '../../document/testing';
import { useEditor } from '../../state/editor';
import { ParamField } from './ParamField';

function Field({ of }: { readonly of: Param }) {
  const shown = useDocument(({ history }) => findNode(history.doc, 'n'));
  const type = useEditor((state) => state.catalog.specs.get('x.y'));
  return shown && type ? <ParamField node={shown} spec={type} param={of} issues={[]} /> : null;
}

function show(of: Param, value: string | number | string[]) {
  const type = spec('x.y', { params: [of] });
  useEditor.setState({ catalog: { specs: new Map([['x.y', type]]), purposes: [], acceptance: {} } });
  useDocument.getState().load(graph([node('n', 'x.y', { [of.name]: value })]));
  render(
    <QueryClientProvider client={makeQueryClient()}>
      <MantineProvider>
        <Field of={of} />
      </MantineProvider>
    </QueryClientProvider>,
  );
}

const valueNow = (name: string) => currentGraph().nodes[0]?.params[name];
const steps = () => useDocument.getState().history.undo.length;

beforeEach(() => useLanguage.setState({ language: 'en' }));

describe('a field of the form', () => {
  it('writes each letter to the document, as one undo step until it is left', async () => {
    show(param('label', 'text'), '');
    await userEvent.type(screen.getByLabelText('label'), 'Hello');
    expect(valueNow('label')).toBe('Hello');
    expect(steps()).toBe(1);
    await userEvent.tab();
    await userEvent.type(screen.getByLabelText('label'), '!');
    expect(steps()).toBe(2);
  });

  it('says what is wrong with a number and keeps it as it was typed', async () => {
    show(param('steps', 'integer', { minimum: 1, maximum: 50 }), 12);
    const field = screen.getByRole('textbox');
    await userEvent.clear(field);
    await userEvent.type(field, '99');
    expect(valueNow('steps')).toBe(99);
    expect(screen.getByText('The most is 50.')).toBeInTheDocument();
  });

  it('rolls a seed within its bounds', async () => {
    show(param('seed', 'integer', { minimum: 0, maximum: 9 }), 3);
    await userEvent.click(screen.getByRole('button', { name: 'Roll a new seed' }));
    const rolled = valueNow('seed') as number;
    expect(Number.isInteger(rolled) && rolled >= 0 && rolled <= 9).toBe(true);
    expect(steps()).toBe(1);
  });

  it('adds, changes and removes lines', async () => {
    show(param('cases', 'lines'), ['a', 'b']);
    await userEvent.click(screen.getByRole('button', { name: 'Add a line' }));
    await userEvent.type(screen.getByLabelText('cases, line 3'), 'c');
    await userEvent.click(screen.getByRole('button', { name: 'Remove line 1' }));
    expect(valueNow('cases')).toEqual(['b', 'c']);
  });

  it('names the ports that a template has grown', () => {
    const of = param('template', 'multiline');
    const type = spec('x.y', {
      params: [of],
      dynamic: { side: 'inputs', param: 'template', rule: 'placeholders', type: 'text' },
    });
    show(of, 'Hi {{name}}');
    useEditor.setState({ catalog: { specs: new Map([['x.y', type]]), purposes: [], acceptance: {} } });
    return screen.findByText('name', { selector: 'code' });
  });
});
