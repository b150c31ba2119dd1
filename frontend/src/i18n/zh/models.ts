// AI models and their installation. 模型及其安装。
import type { models as en } from '../en/models';
import type { Same } from '../message';

export const models = {} as const satisfies Same<typeof en>;
