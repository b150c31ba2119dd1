// Simplified Chinese. Each area says `satisfies Same<typeof en>`: a missing or surplus key is a type error.
import { app } from './app';
import { common } from './common';
import { editor } from './editor';
import { gates } from './gates';
import { models } from './models';
import { policy } from './policy';
import { reviews } from './reviews';
import { runs } from './runs';
import { session } from './session';
import { templates } from './templates';
import { workflows } from './workflows';

export const zh = {
  app,
  common,
  editor,
  gates,
  models,
  policy,
  reviews,
  runs,
  session,
  templates,
  workflows,
} as const;
