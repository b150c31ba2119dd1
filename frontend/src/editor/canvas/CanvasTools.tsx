// The floating tools: zoom, fit, arrange, map; and the switch that shows the gates.
import { ActionIcon, Switch, Tooltip } from '@mantine/core';
import {
  IconFocusCentered,
  IconLayoutAlignTop,
  IconLayoutAlignLeft,
  IconLayoutDistributeVertical,
  IconMap,
  IconZoomIn,
  IconZoomOut,
  type Icon,
} from '@tabler/icons-react';
import { useReactFlow } from '@xyflow/react';

import { useI18n } from '../../i18n';
import { align, arrangeNodes } from '../actions';
import { useDocument, useLocked } from '../document/store';
import { setUi, toggle, useUi } from '../state/ui';
import classes from './Canvas.module.css';
import { FIT, GLIDE } from './fit';

export function CanvasTools() {
  const { t } = useI18n();
  const flow = useReactFlow();
  const minimap = useUi((state) => state.minimap);
  const gates = useUi((state) => state.gates);
  const locked = useLocked();
  const several = useDocument((state) => state.selection.nodes.size > 1);
  const arrange = async (): Promise<void> => {
    await arrangeNodes();
    await flow.fitView({ ...FIT, ...GLIDE });
  };
  return (
    <div className={classes.toolbars}>
      <div className={classes.tools} role="toolbar" aria-label={t('editor.canvas_tools')}>
        <Tool icon={IconZoomIn} label={t('editor.zoom_in')} onClick={() => void flow.zoomIn(GLIDE)} />
        <Tool icon={IconZoomOut} label={t('editor.zoom_out')} onClick={() => void flow.zoomOut(GLIDE)} />
        <Tool
          icon={IconFocusCentered}
          label={t('editor.zoom_fit')}
          onClick={() => void flow.fitView({ ...FIT, ...GLIDE })}
        />
        {!locked && (
          <Tool
            icon={IconLayoutDistributeVertical}
            label={t('editor.arrange')}
            onClick={() => void arrange()}
          />
        )}
        {several && !locked && (
          <>
            <Tool icon={IconLayoutAlignTop} label={t('editor.align_top')} onClick={() => align('top')} />
            <Tool icon={IconLayoutAlignLeft} label={t('editor.align_left')} onClick={() => align('left')} />
          </>
        )}
        <Tool
          icon={IconMap}
          label={t('editor.minimap')}
          pressed={minimap}
          onClick={() => toggle('minimap')}
        />
      </div>
      <div className={classes.tools} data-words>
        <Switch
          size="sm"
          labelPosition="left"
          label={t('editor.show_gates')}
          checked={gates}
          onChange={(event) => setUi({ gates: event.currentTarget.checked })}
          data-testid="show-gates"
        />
      </div>
    </div>
  );
}

interface ToolProps {
  readonly icon: Icon;
  readonly label: string;
  readonly pressed?: boolean;
  readonly onClick: () => void;
}

function Tool({ icon: Sign, label, pressed, onClick }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        aria-label={label}
        aria-pressed={pressed}
        color={pressed ? 'accent' : 'gray'}
        onClick={onClick}
      >
        <Sign size={18} stroke={1.5} />
      </ActionIcon>
    </Tooltip>
  );
}
