// The editor's frame: palette, canvas with the run drawer below it, inspector; on a phone a list instead.
import { ActionIcon, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import {
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconLayoutSidebarRightCollapse,
  IconLayoutSidebarRightExpand,
} from '@tabler/icons-react';
import { useReactFlow } from '@xyflow/react';
import { useEffect } from 'react';

import { useI18n } from '../i18n';
import { Canvas } from './canvas/Canvas';
import { ConnectMenu } from './canvas/ConnectMenu';
import { GLIDE } from './canvas/fit';
import { onFocusNode } from './canvas/focus';
import { useLocked } from './document/store';
import classes from './EditorFrame.module.css';
import { Inspector } from './inspector/Inspector';
import { Palette } from './palette/Palette';
import { ListView } from './phone/ListView';
import { RunDrawer } from './run/RunDrawer';
import { RunFollower } from './run/RunFollower';
import { ConflictDialog } from './save/ConflictDialog';
import { ShortcutSheet } from './shortcuts/ShortcutSheet';
import { useShortcuts } from './shortcuts/useShortcuts';
import { toggle, useUi } from './state/ui';
import { EditorBar } from './topbar/EditorBar';

const PHONE = '(max-width: 760px)';

export function EditorFrame() {
  const phone = useMediaQuery(PHONE, window.matchMedia(PHONE).matches);
  useShortcuts();
  useFocusing();
  return (
    <div className={classes.frame} data-testid="editor">
      <EditorBar />
      <RunFollower />
      {phone ? <ListView /> : <Desk />}
      <ConnectMenu />
      <ConflictDialog />
      <ShortcutSheet />
    </div>
  );
}

function Desk() {
  const palette = useUi((state) => state.palette);
  const inspector = useUi((state) => state.inspector);
  const locked = useLocked();
  return (
    <>
      {palette && !locked && <Palette />}
      <div className={classes.middle}>
        <div className={classes.stage}>
          <Canvas />
          {!locked && <Fold side="left" open={palette} />}
          <Fold side="right" open={inspector} />
        </div>
        <RunDrawer />
      </div>
      {inspector && <Inspector />}
    </>
  );
}

const FOLDS = {
  left: { open: IconLayoutSidebarLeftCollapse, shut: IconLayoutSidebarLeftExpand, panel: 'palette' },
  right: { open: IconLayoutSidebarRightCollapse, shut: IconLayoutSidebarRightExpand, panel: 'inspector' },
} as const;

function Fold({ side, open }: { readonly side: 'left' | 'right'; readonly open: boolean }) {
  const { t } = useI18n();
  const { panel, open: Shut, shut: Open } = FOLDS[side];
  const label = t(
    side === 'left'
      ? open
        ? 'editor.fold_palette'
        : 'editor.unfold_palette'
      : open
        ? 'editor.fold_inspector'
        : 'editor.unfold_inspector',
  );
  return (
    <Tooltip label={label}>
      <ActionIcon
        className={classes.fold}
        data-side={side}
        size={28}
        aria-label={label}
        aria-expanded={open}
        onClick={() => toggle(panel)}
        data-testid={`fold-${panel}`}
      >
        {open ? <Shut size={17} stroke={1.5} /> : <Open size={17} stroke={1.5} />}
      </ActionIcon>
    </Tooltip>
  );
}

/** Brings a node that a list named into the middle of the canvas. */
function useFocusing(): void {
  const flow = useReactFlow();
  useEffect(
    () =>
      onFocusNode((node) => {
        void flow.fitView({ nodes: [{ id: node }], maxZoom: Math.max(1, flow.getZoom()), ...GLIDE });
      }),
    [flow],
  );
}
