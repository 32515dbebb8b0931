import { bitbucket } from './bitbucket.ts';
import { diversion } from './diversion.ts';
import { gitea } from './gitea.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';
import type { Hook } from './hook.ts';

/** Every forge whose webhooks are understood; its name is the last part of the route and the name of its file. */
export const hooks: readonly Hook[] = [bitbucket, diversion, gitea, github, gitlab];
