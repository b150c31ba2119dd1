// English, one file an area. The Chinese dictionary must have exactly these keys.
import { app } from './app';
import { common } from './common';
import { editor } from './editor';
import { models } from './models';
import { runs } from './runs';
import { session } from './session';
import { templates } from './templates';
import { workflows } from './workflows';

export const en = { app, common, editor, models, runs, session, templates, workflows } as const;
