// The editor. 编辑器。
import type { editor as en } from '../en/editor';
import type { Same } from '../message';

export const editor = {} as const satisfies Same<typeof en>;
