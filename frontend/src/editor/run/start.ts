// Starting a run from the editor: the draft is saved first, the inputs checked, and one press is one run.
import { notifications } from '@mantine/notifications';

import { ApiError, asApiError } from '../../api/errors';
import { freshKey } from '../../api/ids';
import { cancelRun } from '../../api/runs';
import type { Argument, Id, PlanView, Run } from '../../api/types';
import { compileGraph, startRun } from '../../api/workflows';
import { currentI18n } from '../../i18n';
import { acceptPreview, usePreview } from '../preview/store';
import { currentGraph, useDocument } from '../document/store';
import { saveNow, useSave } from '../save/store';
import { useEditor } from '../state/editor';
import { setUi } from '../state/ui';
import { problemsFrom, problemsOf, toSend } from '../../pages/workflowApp/inputs';
import { refuse, useInputs, valuesOf } from './inputs';
import { askFor, askForTheWhole } from './partial';
import { showRun, useRun } from './store';
import { create } from 'zustand';

export const useStarting = create<{ readonly busy: boolean }>()(() => ({ busy: false }));

const keyOf = (workflow: Id): string => `sluiceway.run.${workflow}`;

/** Asks for what is missing, or starts at once; up to a node, or the whole. Gives the run when one was started. */
export async function pressRun(to: string | null = null): Promise<Run | null> {
  if (useStarting.getState().busy || useDocument.getState().locked) return null;
  useStarting.setState({ busy: true });
  setUi({ drawer: true });
  try {
    const plan = to === null ? await wholePlan() : await partialPlan(to);
    return isReady(plan) ? await submit(plan.inputs, to) : null;
  } catch (error) {
    refused(error);
    return null;
  } finally {
    useStarting.setState({ busy: false });
  }
}

async function wholePlan(): Promise<PlanView | null> {
  askForTheWhole();
  await previewSettled();
  return usePreview.getState().plan;
}

/** Of that part of the drawing alone: mistakes elsewhere are no matter. */
async function partialPlan(to: string): Promise<PlanView | null> {
  const { workflow: id, workspace } = useEditor.getState();
  const { plan } = await compileGraph({ id, workspace }, currentGraph(), { to });
  if (plan) askFor(to, plan.inputs);
  return plan;
}

function isReady(plan: PlanView | null): plan is PlanView {
  if (!plan) {
    setUi({ drawerTab: 'problems' });
    return false;
  }
  setUi({ drawerTab: 'run' });
  const problems = problemsOf(currentI18n(), plan.inputs, valuesOf(plan.inputs, useInputs.getState().filled));
  if (Object.keys(problems).length > 0) {
    refuse(problems);
    return false;
  }
  useInputs.setState({ problems });
  return true;
}

async function submit(asked: readonly Argument[], to: string | null): Promise<Run | null> {
  const { t } = currentI18n();
  const { workflow } = useEditor.getState();
  if (!(await saveNow()) && useSave.getState().state !== 'saved') {
    notifications.show({ message: t('editor.run_needs_save'), color: 'bad' });
    return null;
  }
  const inputs = toSend(valuesOf(asked, useInputs.getState().filled));
  const run = await startRun(workflow, { inputs, to, key: freshKey() });
  remember(workflow, run.id);
  showRun(run.id);
  return run;
}

function refused(error: unknown): void {
  const { code, message, hint, issues } = asApiError(error);
  if (error instanceof ApiError && code === 'inputs_invalid') {
    refuse(problemsFrom(currentI18n(), issues));
  } else if (error instanceof ApiError && code === 'graph_invalid' && issues.length > 0) {
    acceptPreview(issues, null);
    setUi({ drawerTab: 'problems' });
  } else {
    notifications.show({ title: message, message: hint ?? '', color: 'bad' });
  }
}

/** Resolves when the server has answered about the draft as it is now. */
function previewSettled(): Promise<void> {
  return new Promise((resolve) => {
    if (usePreview.getState().state !== 'checking') {
      resolve();
      return;
    }
    const leave = usePreview.subscribe(({ state }) => {
      if (state === 'checking') return;
      leave();
      resolve();
    });
  });
}

function remember(workflow: Id, run: Id): void {
  try {
    localStorage.setItem(keyOf(workflow), run);
  } catch {
    // A reload then shows no run; the list of runs still does.
  }
}

/** A run that was begun again elsewhere, as by the button beside its outcome. */
export function followRestarted(run: Run): void {
  remember(useEditor.getState().workflow, run.id);
  showRun(run.id);
}

/** A reload in the middle of a run, or after it, finds it again. */
export function recallRun(workflow: Id): void {
  let run: Id | null = null;
  try {
    run = localStorage.getItem(keyOf(workflow));
  } catch {
    // As above.
  }
  showRun(run);
}

export function forgetRun(workflow: Id): void {
  try {
    localStorage.removeItem(keyOf(workflow));
  } catch {
    // As above.
  }
  showRun(null);
}

export async function stopRun(): Promise<void> {
  const { id } = useRun.getState();
  if (id === null) return;
  try {
    await cancelRun(id);
  } catch (error) {
    notifications.show({ message: asApiError(error).message, color: 'bad' });
  }
}
