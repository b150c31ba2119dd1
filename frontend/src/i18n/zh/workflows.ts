// Workflows: the list, versions, publishing, the app view. 工作流：列表、版本、发布、应用视图。
import type { workflows as en } from '../en/workflows';
import type { Same } from '../message';

export const workflows = {} as const satisfies Same<typeof en>;
