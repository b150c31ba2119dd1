// The editor: a workflow as a drawing.
export { EditorPage } from './EditorPage';
