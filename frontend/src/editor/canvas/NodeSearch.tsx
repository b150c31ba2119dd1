// A small search at the pointer: what to put here, of what would fit the wire in hand.
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';

import { useI18n } from '../../i18n';
import { addConnected, addNode } from '../actions';
import type { End, Point } from '../document/graph';
import type { Side } from '../document/ports';
import { currentGraph } from '../document/store';
import { fitting, searchSpecs } from '../palette/search';
import { useEditor } from '../state/editor';
import classes from './Canvas.module.css';
import { NodeIcon } from './NodeIcon';

export interface Wanted {
  /** Where the pointer was, on the screen and on the canvas. */
  readonly screen: Point;
  readonly at: Point;
  /** The loose wire's end, or null when a node alone is wanted. */
  readonly from: { readonly end: End; readonly side: Side } | null;
}

interface SearchProps {
  readonly wanted: Wanted;
  readonly onClose: () => void;
}

const WIDTH = 268;
const HEIGHT = 330;

export function NodeSearch({ wanted, onClose }: SearchProps) {
  const { t, words } = useI18n();
  const catalog = useEditor((state) => state.catalog);
  const [query, setQuery] = useState('');
  const [picked, setPicked] = useState(0);
  const list = useId();
  const box = useRef<HTMLDivElement>(null);
  const { from } = wanted;
  const ports = useMemo(
    () =>
      from &&
      new Map(
        fitting(currentGraph(), catalog, from.end, from.side).map(({ spec, port }) => [spec.type, port]),
      ),
    [from, catalog],
  );
  const specs = [...catalog.specs.values()].filter((spec) => !ports || ports.has(spec.type));
  const found = searchSpecs(specs, query);
  const active = Math.min(picked, found.length - 1);

  useEffect(() => {
    const leave = (event: PointerEvent): void => {
      if (event.target instanceof Node && !box.current?.contains(event.target)) onClose();
    };
    document.addEventListener('pointerdown', leave, true);
    return () => document.removeEventListener('pointerdown', leave, true);
  }, [onClose]);

  const choose = (index: number): void => {
    const spec = found[index];
    if (!spec) return;
    const port = ports?.get(spec.type);
    if (from && port !== undefined) addConnected(spec, wanted.at, from.end, from.side, port);
    else addNode(spec, wanted.at);
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, () => void> = {
      ArrowDown: () => setPicked(Math.min(active + 1, found.length - 1)),
      ArrowUp: () => setPicked(Math.max(active - 1, 0)),
      Enter: () => choose(active),
      Escape: onClose,
    };
    const move = moves[event.key];
    if (!move || event.nativeEvent.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  };

  const left = Math.max(8, Math.min(wanted.screen.x, window.innerWidth - WIDTH - 12));
  const top = Math.max(8, Math.min(wanted.screen.y, window.innerHeight - HEIGHT - 12));
  return (
    <div ref={box} className={classes.search} style={{ left, top }} data-testid="node-search">
      <input
        ref={focused}
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={active >= 0 ? `${list}-${active}` : undefined}
        aria-label={t('editor.search_nodes')}
        placeholder={from ? t('editor.search_fitting') : t('editor.search_nodes')}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setPicked(0);
        }}
        onKeyDown={onKeyDown}
      />
      {found.length === 0 ? (
        <p className={classes.none}>{t('editor.nothing_fits')}</p>
      ) : (
        <div className={classes.found} id={list} role="listbox" aria-label={t('editor.search_nodes')}>
          {found.map((spec, index) => (
            // The field keeps the focus and the keys; the list is for the pointer.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={spec.type}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === active}
              tabIndex={-1}
              onPointerEnter={() => setPicked(index)}
              onClick={() => choose(index)}
              data-testid={`search-${spec.type}`}
            >
              <NodeIcon name={spec.icon} />
              {words(spec.title)}
              <small>{spec.type}</small>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

function focused(field: HTMLInputElement | null): void {
  field?.focus();
}
