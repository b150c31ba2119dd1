// Everything about one node.
import { ActionIcon, Menu, Tabs } from '@mantine/core';
import { IconCopy, IconDots, IconPlayerPlay, IconPlugConnected, IconTrash } from '@tabler/icons-react';

import { useI18n } from '../../i18n';
import { duplicateSelection, endEdit, removeNode, rename } from '../actions';
import { openConnectMenu } from '../canvas/connectMenuStore';
import { NodeIcon } from '../canvas/NodeIcon';
import type { GraphNode } from '../document/graph';
import { useLocked } from '../document/store';
import { pressRun, useStarting } from '../run/start';
import { useSpec } from '../state/editor';
import { type InspectorTab, setUi, useUi } from '../state/ui';
import { HelpTab } from './HelpTab';
import classes from './Inspector.module.css';
import { RunTab } from './RunTab';
import { SettingsTab } from './SettingsTab';

export function NodePanel({ node }: { readonly node: GraphNode }) {
  const { t, words } = useI18n();
  const spec = useSpec(node.type);
  const locked = useLocked();
  const tab = useUi((state) => state.tab);
  const typeName = spec ? words(spec.title) : node.type;
  return (
    <>
      <header className={classes.head}>
        <NodeIcon name={spec?.icon} size={19} />
        <div className={classes.names}>
          <input
            className={classes.title}
            aria-label={t('editor.node_name')}
            placeholder={typeName}
            value={node.title ?? ''}
            readOnly={locked}
            onChange={(event) => rename(node, event.currentTarget.value)}
            onBlur={endEdit}
            onFocus={(event) => event.currentTarget.select()}
            data-testid="node-title"
          />
          <small>
            {node.type} · v{node.version}
          </small>
        </div>
        {!locked && <NodeMenu node={node} />}
      </header>
      <Tabs
        value={tab}
        onChange={(value) => setUi({ tab: value as InspectorTab })}
        className={classes.tabs}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value="settings">{t('editor.tab_settings')}</Tabs.Tab>
          <Tabs.Tab value="run">{t('editor.tab_run')}</Tabs.Tab>
          <Tabs.Tab value="help">{t('editor.tab_help')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="settings" className={classes.panel}>
          <SettingsTab node={node} spec={spec} />
        </Tabs.Panel>
        <Tabs.Panel value="run" className={classes.panel}>
          <RunTab node={node} />
        </Tabs.Panel>
        <Tabs.Panel value="help" className={classes.panel}>
          <HelpTab node={node} spec={spec} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function NodeMenu({ node }: { readonly node: GraphNode }) {
  const { t } = useI18n();
  const busy = useStarting((state) => state.busy);
  return (
    <Menu position="bottom-end" width={210}>
      <Menu.Target>
        <ActionIcon aria-label={t('editor.node_menu')} data-testid="node-menu">
          <IconDots size={18} stroke={1.5} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconPlayerPlay size={16} stroke={1.5} />}
          disabled={busy}
          onClick={() => {
            setUi({ tab: 'run' });
            void pressRun(node.id);
          }}
          data-testid="run-to-here"
        >
          {t('editor.run_to_here')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconPlugConnected size={16} stroke={1.5} />}
          onClick={() => openConnectMenu(node.id)}
          data-testid="connect-to"
        >
          {t('editor.connect_to')}
        </Menu.Item>
        <Menu.Item leftSection={<IconCopy size={16} stroke={1.5} />} onClick={duplicateSelection}>
          {t('common.duplicate')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          color="bad"
          leftSection={<IconTrash size={16} stroke={1.5} />}
          onClick={() => removeNode(node.id)}
        >
          {t('common.delete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
