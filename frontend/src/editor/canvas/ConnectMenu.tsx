// "Connect to…": every wire that this node could have, to be chosen by name.
import { Modal } from '@mantine/core';
import { IconArrowNarrowLeft, IconArrowNarrowRight } from '@tabler/icons-react';
import { type KeyboardEvent, useRef, useState } from 'react';

import { useI18n } from '../../i18n';
import { matches } from '../../shared/SearchField';
import { connectPorts } from '../actions';
import { findNode } from '../document/lookup';
import { useDocument } from '../document/store';
import { useEditor } from '../state/editor';
import { choicesFor } from './connectChoices';
import classes from './Canvas.module.css';
import { closeConnectMenu, useConnectMenu } from './connectMenuStore';
import { portColour } from './shape';
import { titleOf } from './title';

export function ConnectMenu() {
  const { t, words } = useI18n();
  const { node: id } = useConnectMenu();
  const node = useDocument(({ history }) => (id === null ? undefined : findNode(history.doc, id)));
  const spec = useEditor((state) => (node ? state.catalog.specs.get(node.type) : undefined));
  return (
    <Modal
      opened={node !== undefined}
      onClose={closeConnectMenu}
      title={node && t('editor.connect_title', { name: titleOf(node, spec, words) })}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {node && <Choices node={node.id} />}
    </Modal>
  );
}

function Choices({ node }: { readonly node: string }) {
  const { t, words } = useI18n();
  const input = useConnectMenu((state) => state.input);
  const graph = useDocument((state) => state.history.doc);
  const catalog = useEditor((state) => state.catalog);
  const [query, setQuery] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const named = choicesFor(graph, catalog, node, input).map((choice) => ({
    choice,
    other: titleOf(choice.other, catalog.specs.get(choice.other.type), words),
    port: words(choice.port.title) || choice.port.name,
    own: words(choice.own.title) || choice.own.name,
  }));
  const found = named.filter(({ other, port, own }) => matches(query, other, port, own));
  // From the field Enter takes the first; the arrows carry the focus, which each button can do without.
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const stops = [...(box.current?.querySelectorAll<HTMLElement>('input, button') ?? [])];
    const at = stops.findIndex((stop) => stop === document.activeElement);
    if (event.key === 'ArrowDown') stops[at + 1]?.focus();
    else if (event.key === 'ArrowUp') stops[at - 1]?.focus();
    else if (event.key === 'Enter' && at === 0 && query.trim() !== '') stops[1]?.click();
    else return;
    event.preventDefault();
  };
  if (named.length === 0) return <p className={classes.none}>{t('editor.connect_none')}</p>;
  return (
    // The arrows only carry the focus between buttons that work without them.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={classes.choices} ref={box} onKeyDown={onKeyDown}>
      <input
        data-autofocus
        className={classes.filter}
        aria-label={t('common.search')}
        placeholder={t('common.search')}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
      />
      <ul>
        {found.map(({ choice, other, port, own }) => (
          <li key={`${choice.source.node}.${choice.source.port} ${choice.target.node}.${choice.target.port}`}>
            <button
              type="button"
              onClick={() => {
                connectPorts(choice.source, choice.target);
                closeConnectMenu();
              }}
              data-testid={`connect-${choice.source.node}-${choice.source.port}-${choice.target.node}-${choice.target.port}`}
            >
              <i style={{ background: portColour(choice.port.type) }} aria-hidden />
              <span>{own}</span>
              {choice.outward ? (
                <IconArrowNarrowRight size={16} stroke={1.5} aria-label={t('editor.connect_gives')} />
              ) : (
                <IconArrowNarrowLeft size={16} stroke={1.5} aria-label={t('editor.connect_takes')} />
              )}
              <strong>{other}</strong>
              <span>{port}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
