// Signing in, and settings. 登录与设置。
import type { session as en } from '../en/session';
import type { Same } from '../message';

export const session = {} as const satisfies Same<typeof en>;
