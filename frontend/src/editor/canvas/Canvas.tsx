// The canvas: cards, wires and gates, and what the pointer may do with them.
import '@xyflow/react/dist/style.css';

import {
  Background,
  BackgroundVariant,
  type Connection,
  ConnectionMode,
  type FinalConnectionState,
  MiniMap,
  type OnConnectStartParams,
  ReactFlow,
  SelectionMode,
  useReactFlow,
} from '@xyflow/react';
import { type DragEvent, type MouseEvent, useMemo, useState } from 'react';

import { useI18n } from '../../i18n';
import { addNode, connectPorts, endEdit, reconnect, removeEdge } from '../actions';
import type { Point } from '../document/graph';
import { currentGraph, useLocked } from '../document/store';
import { currentCatalog } from '../state/editor';
import { useUi } from '../state/ui';
import classes from './Canvas.module.css';
import { CanvasTools } from './CanvasTools';
import { beginDrag, endDrag, portKey, useConnecting } from './connecting';
import { ConnectHint } from './ConnectHint';
import { OPENING } from './fit';
import { DRAG_TYPE } from './dragType';
import { EmptyCanvas } from './EmptyCanvas';
import { onEdgesChange, onNodesChange, useFlow } from './flowStore';
import { GateLayer } from './GateLayer';
import { NodeCard } from './NodeCard';
import { NodeSearch, type Wanted } from './NodeSearch';
import { portColour } from './shape';
import { useWires } from './useWires';
import { Wire } from './Wire';

const nodeTypes = { card: NodeCard };
const edgeTypes = { wire: Wire };
/** Above these a canvas is large: only what is seen is drawn, and later the map goes too. */
const MANY = 200;
const TOO_MANY_FOR_MAP = 500;

export function Canvas() {
  const { t } = useI18n();
  const { nodes } = useFlow();
  const edges = useWires();
  const minimap = useUi((state) => state.minimap);
  const colour = useConnecting(({ drag }) => portColour(drag?.type ?? 'any'));
  const locked = useLocked();
  const flow = useReactFlow();
  const [wanted, setWanted] = useState<Wanted | null>(null);
  // On an empty canvas the view would jump to the first node that is put down.
  const [fits] = useState(() => currentGraph().nodes.length > 0);
  const labels = useMemo(
    () => ({
      'node.a11yDescription.default': t('editor.a11y_node'),
      'node.a11yDescription.keyboardDisabled': t('editor.a11y_node'),
      'edge.a11yDescription.default': t('editor.a11y_edge'),
    }),
    [t],
  );

  const searchAt = (screen: Point, from: Wanted['from']): void =>
    setWanted({ screen, at: flow.screenToFlowPosition(screen), from });

  const onConnectEnd = (event: globalThis.MouseEvent | TouchEvent, state: FinalConnectionState): void => {
    const { drag } = useConnecting.getState();
    endDrag();
    if (!drag || state.toHandle || state.toNode) return;
    const touch = 'changedTouches' in event ? event.changedTouches[0] : event;
    if (touch) searchAt({ x: touch.clientX, y: touch.clientY }, { end: drag.from, side: drag.side });
  };

  const onDrop = (event: DragEvent): void => {
    event.preventDefault();
    const spec = currentCatalog().specs.get(event.dataTransfer.getData(DRAG_TYPE));
    if (spec) addNode(spec, flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }));
  };

  return (
    // What the pointer does here has its keyboard way: the palette adds, the tools zoom.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className={classes.canvas}
      data-testid="canvas"
      onDrop={onDrop}
      onDragOver={(event) => event.dataTransfer.types.includes(DRAG_TYPE) && event.preventDefault()}
      onDoubleClick={(event) =>
        !locked && isPane(event) && searchAt({ x: event.clientX, y: event.clientY }, null)
      }
    >
      <ReactFlow
        nodes={nodes as never}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={onNodesChange as never}
        onEdgesChange={onEdgesChange}
        onNodeDragStart={endEdit}
        onNodeDragStop={endEdit}
        onConnectStart={(_event, params) => startWire(params)}
        onConnectEnd={onConnectEnd}
        onConnect={(connection) => connectPorts(...ends(connection))}
        isValidConnection={(connection) => mayDrop(connection as Connection)}
        onReconnect={(edge, connection) => reconnect(edge.id, ...ends(connection))}
        onReconnectEnd={(_event, edge, _type, state) => {
          endDrag();
          if (!state.toHandle) removeEdge(edge.id);
        }}
        nodesDraggable={!locked}
        nodesConnectable={!locked}
        edgesReconnectable={!locked}
        connectionMode={ConnectionMode.Strict}
        connectionRadius={28}
        connectionLineStyle={{ stroke: colour, strokeWidth: 2 }}
        selectionMode={SelectionMode.Partial}
        deleteKeyCode={null}
        multiSelectionKeyCode={['Shift', 'Meta', 'Control']}
        zoomOnDoubleClick={false}
        onlyRenderVisibleElements={nodes.length > MANY}
        minZoom={0.1}
        maxZoom={2}
        fitView={fits}
        fitViewOptions={OPENING}
        ariaLabelConfig={labels}
        attributionPosition="bottom-center"
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={2} color="var(--sw-dot)" />
        <GateLayer />
        {minimap && nodes.length <= TOO_MANY_FOR_MAP && (
          <MiniMap pannable zoomable className={classes.minimap} ariaLabel={t('editor.minimap')} />
        )}
        <ConnectHint />
      </ReactFlow>
      {nodes.length === 0 && !locked && <EmptyCanvas />}
      <CanvasTools />
      {wanted && <NodeSearch wanted={wanted} onClose={() => setWanted(null)} />}
    </div>
  );
}

function startWire({ nodeId, handleId, handleType }: OnConnectStartParams): void {
  if (nodeId === null || handleId === null) return;
  const side = handleType === 'source' ? 'outputs' : 'inputs';
  beginDrag(currentGraph(), currentCatalog(), { node: nodeId, port: handleId }, side);
}

function ends({ source, sourceHandle, target, targetHandle }: Connection) {
  return [
    { node: source, port: sourceHandle ?? '' },
    { node: target, port: targetHandle ?? '' },
  ] as const;
}

function mayDrop(connection: Connection): boolean {
  const { drag } = useConnecting.getState();
  if (!drag) return false;
  const [source, target] = ends(connection);
  const key = drag.side === 'outputs' ? portKey('inputs', target) : portKey('outputs', source);
  return drag.verdicts.get(key)?.ok ?? false;
}

function isPane(event: MouseEvent): boolean {
  return event.target instanceof Element && event.target.classList.contains('react-flow__pane');
}
