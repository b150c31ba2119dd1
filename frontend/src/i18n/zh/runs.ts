// Runs: states, timeline, findings. 运行：状态、时间线、闸门发现。
import type { runs as en } from '../en/runs';
import type { Same } from '../message';

export const runs = {} as const satisfies Same<typeof en>;
