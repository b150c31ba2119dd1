// The gallery of templates. 模板库。
import type { templates as en } from '../en/templates';
import type { Same } from '../message';

export const templates = {} as const satisfies Same<typeof en>;
