// The keys of the plain pages (the editor has its own), and the list of them behind `?`.
import { Kbd, Modal } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { useIsReviewer } from '../api/reviews';
import { useI18n } from '../i18n';
import { useHelp } from './help';
import classes from './KeyboardHelp.module.css';
import { PLACES, REVIEWS, SETTINGS } from './places';

const ALL_PLACES = [...PLACES, REVIEWS, SETTINGS];
/** After `g`, the second key must come within this time, in milliseconds. */
const PAUSE = 1_500;

export function KeyboardHelp() {
  const { t } = useI18n();
  const { opened, close } = useHelp();
  useShortcuts();
  const reviewer = useIsReviewer();
  const places = ALL_PLACES.filter((place) => reviewer || place !== REVIEWS);
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('app.help')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <dl className={classes.list}>
        <Row word={t('app.shortcut_help')}>
          <Kbd>?</Kbd>
        </Row>
        <Row word={t('app.shortcut_search')}>
          <Kbd>/</Kbd>
        </Row>
        {places.map((place) => (
          <Row key={place.path} word={t(place.shortcut)}>
            <Kbd>g</Kbd> {t('app.then')} <Kbd>{place.key}</Kbd>
          </Row>
        ))}
      </dl>
      <p className={classes.note}>{t('app.shortcuts_in_editor')}</p>
    </Modal>
  );
}

function Row({ word, children }: { readonly word: string; readonly children: ReactNode }) {
  return (
    <div className={classes.row}>
      <dt>{word}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function useShortcuts(): void {
  const navigate = useNavigate();
  const open = useHelp((state) => state.open);
  const pressedG = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const afterG = event.timeStamp - pressedG.current < PAUSE;
      pressedG.current = event.key === 'g' ? event.timeStamp : 0;
      const place = afterG ? ALL_PLACES.find((candidate) => candidate.key === event.key) : undefined;
      if (place) void navigate(place.path);
      else if (event.key === '?') open();
      else if (event.key === '/') focusSearch(event);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate, open]);
}

function focusSearch(event: KeyboardEvent): void {
  const field = document.querySelector<HTMLElement>('[data-page-search]');
  if (!field) return;
  event.preventDefault();
  field.focus();
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
