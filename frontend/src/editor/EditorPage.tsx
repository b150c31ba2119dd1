// Opens a workflow in the editor: fetches it and the catalog, then hands both to the stores.
import { useQuery } from '@tanstack/react-query';
import { ReactFlowProvider } from '@xyflow/react';
import { useEffect, useLayoutEffect } from 'react';
import { useParams } from 'react-router';

import { usePalette } from '../api/palette';
import { useSession } from '../api/session';
import { mayWrite, type Id, type Palette, type Workflow } from '../api/types';
import { getWorkflow } from '../api/workflows';
import { Failure } from '../shared/Failure';
import { Waiting } from '../shared/Waiting';
import { followDocument } from './canvas/flowStore';
import { catalogOf } from './document/spec';
import { EditorFrame } from './EditorFrame';
import { usePreviewLoop } from './preview/usePreviewLoop';
import { recallInputs } from './run/inputs';
import { recallRun } from './run/start';
import { openDocument, openLocked } from './save/store';
import { useLeaveWarning } from './save/useLeaveWarning';
import { useCallees } from './state/callees';
import { useEditor } from './state/editor';
import { forgetTrying } from './whatIf/store';

export function EditorPage() {
  const { id = '' } = useParams();
  const palette = usePalette();
  const workflow = useQuery({
    // Apart from the pages' own copy: an answer that comes later must not replace what is being edited.
    queryKey: ['editor', id],
    queryFn: () => getWorkflow(id),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const error = workflow.error ?? palette.error;
  if (error) {
    const again = (): void => void Promise.all([workflow.refetch(), palette.refetch()]);
    return <Failure error={error} onRetry={again} />;
  }
  if (!workflow.data || !palette.data) return <Waiting />;
  return <OpenWorkflow key={id} workflow={workflow.data} palette={palette.data} />;
}

interface OpenProps {
  readonly workflow: Workflow;
  readonly palette: Palette;
}

function OpenWorkflow({ workflow, palette }: OpenProps) {
  const ready = useEditor((state) => state.workflow === workflow.id);
  const locked = useIsViewer(workflow.workspace);
  useLayoutEffect(() => {
    useEditor.setState({ catalog: catalogOf(palette) });
  }, [palette]);
  useLayoutEffect(() => {
    const { id, workspace, name, description } = workflow;
    const close = (locked ? openLocked : openDocument)(workflow);
    useEditor.setState({ workflow: id, workspace, name, description });
    const leave = followDocument();
    return () => {
      leave();
      close();
      forgetTrying();
      useEditor.setState({ workflow: '' });
    };
  }, [workflow, locked]);
  useEffect(() => {
    recallInputs(workflow.id);
    recallRun(workflow.id);
  }, [workflow.id]);
  useCallees();
  usePreviewLoop(workflow.id, workflow.workspace);
  useLeaveWarning();
  if (!ready) return <Waiting />;
  return (
    <ReactFlowProvider>
      <EditorFrame />
    </ReactFlowProvider>
  );
}

/** Who only looks at the workflow's workspace, or reviews what its gates hold, changes nothing in it. */
function useIsViewer(workspace: Id): boolean {
  const { data: session } = useSession();
  const role = session?.workspaces.find(({ id }) => id === workspace)?.role;
  return role !== undefined && !mayWrite(role);
}
