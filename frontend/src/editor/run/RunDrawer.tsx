// The drawer below the canvas: what a run needs, what it does, what it gave; the draft's problems; and "what if".
import { ActionIcon, Tabs, Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import type { PointerEvent } from 'react';

import { useI18n } from '../../i18n';
import { useDocument } from '../document/store';
import { usePreview } from '../preview/store';
import { DRAWER_LEAST, type DrawerTab, setUi, toggle, useUi } from '../state/ui';
import { WhatIfPanel } from '../whatIf/WhatIfPanel';
import { Problems } from './Problems';
import { RunBoard } from './RunBoard';
import { RunSummary } from './RunSummary';
import classes from './Run.module.css';

export function RunDrawer() {
  const { t } = useI18n();
  const open = useUi((state) => state.drawer);
  const height = useUi((state) => state.drawerHeight);
  const tab = useUi((state) => state.drawerTab);
  const problems = usePreview((state) => state.issues.length);
  const errors = usePreview((state) => state.issues.some((issue) => issue.severity === 'error'));
  // That an empty canvas has no output is no mistake yet.
  const drawn = useDocument(({ history }) => history.doc.nodes.length > 0);
  const label = open ? t('editor.fold_drawer') : t('editor.unfold_drawer');
  return (
    <section
      className={classes.drawer}
      style={open ? { height } : undefined}
      aria-label={t('editor.run_drawer')}
      data-testid="run-drawer"
    >
      {open && <Grip />}
      <Tabs
        value={tab}
        onChange={(value) => setUi({ drawerTab: value as DrawerTab, drawer: true })}
        className={classes.tabs}
        variant="none"
        keepMounted={false}
      >
        <div className={classes.bar}>
          <Tabs.List className={classes.tabList}>
            <Tabs.Tab value="run" className={classes.tab} data-testid="tab-run">
              {t('editor.run')}
            </Tabs.Tab>
            <Tabs.Tab value="problems" className={classes.tab} data-testid="tab-problems">
              {t('editor.problems')}
              {problems > 0 && drawn && (
                <span className={classes.number} data-severity={errors ? 'error' : 'warning'}>
                  {problems}
                </span>
              )}
            </Tabs.Tab>
            <Tabs.Tab value="try" className={classes.tab} data-testid="tab-try">
              {t('gates.what_if')}
            </Tabs.Tab>
          </Tabs.List>
          <RunSummary />
          <Tooltip label={label}>
            <ActionIcon aria-label={label} aria-expanded={open} onClick={() => toggle('drawer')}>
              {open ? <IconChevronDown size={17} stroke={1.5} /> : <IconChevronUp size={17} stroke={1.5} />}
            </ActionIcon>
          </Tooltip>
        </div>
        {open && (
          <>
            <Tabs.Panel value="run" className={classes.panel}>
              <RunBoard />
            </Tabs.Panel>
            <Tabs.Panel value="problems" className={classes.panel}>
              <Problems />
            </Tabs.Panel>
            <Tabs.Panel value="try" className={classes.panel}>
              <WhatIfPanel />
            </Tabs.Panel>
          </>
        )}
      </Tabs>
    </section>
  );
}

/** The upper edge, to pull; arrows move it too. */
function Grip() {
  const { t } = useI18n();
  const height = useUi((state) => state.drawerHeight);
  const pull = (event: PointerEvent<HTMLDivElement>): void => {
    const { currentTarget, pointerId, clientY } = event;
    currentTarget.setPointerCapture(pointerId);
    const move = (moved: globalThis.PointerEvent): void => resize(height + clientY - moved.clientY);
    currentTarget.addEventListener('pointermove', move);
    currentTarget.addEventListener(
      'pointerup',
      () => currentTarget.removeEventListener('pointermove', move),
      {
        once: true,
      },
    );
  };
  return (
    // A separator that can be moved is a control by its ARIA role: it takes focus, keys and the pointer.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      className={classes.grip}
      role="separator"
      aria-orientation="horizontal"
      aria-label={t('editor.drawer_height')}
      aria-valuenow={height}
      aria-valuemin={DRAWER_LEAST}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onPointerDown={pull}
      onKeyDown={(event) => {
        if (event.key === 'ArrowUp') resize(height + 24);
        if (event.key === 'ArrowDown') resize(height - 24);
      }}
    />
  );
}

function resize(height: number): void {
  const most = Math.round(window.innerHeight * 0.7);
  setUi({ drawerHeight: Math.min(most, Math.max(DRAWER_LEAST, Math.round(height))) });
}
