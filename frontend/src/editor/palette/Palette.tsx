// The palette: node types by purpose, a search on `/`; drag one onto the canvas, or press it.
import { CloseButton, Kbd } from '@mantine/core';
import { IconChevronRight, IconSearch } from '@tabler/icons-react';
import { useReactFlow } from '@xyflow/react';
import { type KeyboardEvent, useRef, useState } from 'react';

import { useI18n } from '../../i18n';
import { addNodeNear } from '../actions';
import { DRAG_TYPE } from '../canvas/dragType';
import { middleOfCanvas } from '../canvas/middle';
import { NodeIcon } from '../canvas/NodeIcon';
import { portColour } from '../canvas/shape';
import type { NodeSpec } from '../document/spec';
import { useEditor } from '../state/editor';
import { useUi } from '../state/ui';
import classes from './Palette.module.css';
import { groupsOf, mainType, searchSpecs } from './search';

export function Palette() {
  const { t, words } = useI18n();
  const catalog = useEditor((state) => state.catalog);
  const [query, setQuery] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const found = query.trim() === '' ? null : searchSpecs(catalog.specs.values(), query);

  const onSearchKey = (event: KeyboardEvent<HTMLInputElement>): void => {
    const buttons = list.current?.querySelectorAll<HTMLButtonElement>('[data-item]');
    if (event.key === 'ArrowDown') buttons?.[0]?.focus();
    else if (event.key === 'Enter' && !event.nativeEvent.isComposing && found) buttons?.[0]?.click();
    else if (event.key === 'Escape') {
      setQuery('');
      event.currentTarget.blur();
      // The key that leads here, pressed once more.
    } else if (event.key !== '/' || query !== '') return;
    event.preventDefault();
  };

  return (
    <aside className={classes.palette} aria-label={t('editor.palette')} data-testid="palette">
      <div className={classes.search}>
        <IconSearch size={16} stroke={1.5} aria-hidden />
        <input
          type="text"
          aria-label={t('editor.add_node')}
          placeholder={t('editor.add_node')}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={onSearchKey}
          data-palette-search
        />
        {query === '' ? (
          <Kbd size="xs" aria-hidden>
            /
          </Kbd>
        ) : (
          <CloseButton size="xs" aria-label={t('common.clear')} onClick={() => setQuery('')} />
        )}
      </div>
      {/* The arrows only carry the focus between buttons that work without them. */}
      {/* eslint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className={classes.list} ref={list} onKeyDown={moveFocus}>
        {found ? (
          <>
            {found.length === 0 && <p className={classes.none}>{t('editor.nothing_found', { query })}</p>}
            {found.map((spec) => (
              <Item key={spec.type} spec={spec} />
            ))}
          </>
        ) : (
          groupsOf(catalog).map((group) => (
            <GroupOf key={group.id} id={group.id} title={words(group.title)} specs={group.specs} />
          ))
        )}
      </div>
    </aside>
  );
}

function GroupOf({ id, title, specs }: { id: string; title: string; specs: readonly NodeSpec[] }) {
  const closed = useUi((state) => state.closedGroups.includes(id));
  const fold = (): void => {
    useUi.setState(({ closedGroups }) => ({
      closedGroups: closed ? closedGroups.filter((other) => other !== id) : [...closedGroups, id],
    }));
  };
  return (
    <section className={classes.group}>
      <button type="button" className={classes.title} aria-expanded={!closed} onClick={fold} data-item>
        {title}
        <IconChevronRight size={13} stroke={1.8} aria-hidden />
      </button>
      {!closed && specs.map((spec) => <Item key={spec.type} spec={spec} />)}
    </section>
  );
}

function Item({ spec }: { readonly spec: NodeSpec }) {
  const { words } = useI18n();
  const flow = useReactFlow();
  return (
    <button
      type="button"
      className={classes.item}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAG_TYPE, spec.type);
        event.dataTransfer.effectAllowed = 'copy';
      }}
      onClick={() => addNodeNear(spec, flow.screenToFlowPosition(middleOfCanvas()))}
      title={words(spec.summary)}
      data-item
      data-testid={`palette-${spec.type}`}
    >
      <span className={classes.dot} style={{ background: portColour(mainType(spec)) }} aria-hidden />
      <NodeIcon name={spec.icon} size={17} />
      <span className={classes.word}>{words(spec.title)}</span>
    </button>
  );
}

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-item]')];
  const next = items[items.indexOf(document.activeElement as HTMLElement) + step];
  if (!next && step < 0) document.querySelector<HTMLElement>('[data-palette-search]')?.focus();
  next?.focus();
  event.preventDefault();
}
