// Publishing a workflow and sharing a version: one dialog, opened by the editor.
export { PublishDialog } from './PublishDialog';
