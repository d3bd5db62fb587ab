/** What builds need besides the stores of images and containers. */
import { join } from 'node:path';
import type { Log } from '../../lib/log.ts';
import type { EngineConfig } from '../config.ts';
import type { ContainerDependencies } from '../containers/dependencies.ts';
import { Afterwards } from './afterwards.ts';
import type { BuildDependencies } from './dependencies.ts';
import { FileFacts } from './files/file-facts.ts';
import { BuildSessions } from './sessions.ts';
import { SharedSteps } from './shared-steps.ts';

/** The stores of the cache, and what engine.ts has for the images' routes as well, are not in it. */
export type Builders = Omit<
  BuildDependencies,
  keyof ContainerDependencies | 'configs' | 'hosts' | 'emit' | 'buildCache' | 'cacheMounts'
>;

/** @param started waits, when the engine ends, for what builds have left. */
export function openBuilders(
  { dataDirectory, runDirectory, version }: Pick<EngineConfig, 'dataDirectory' | 'runDirectory' | 'version'>,
  log: Log,
  started: AsyncDisposableStack,
): Builders {
  return {
    version,
    afterwards: started.use(new Afterwards(log)),
    sessions: new BuildSessions(),
    sharedSteps: new SharedSteps(),
    fileFacts: new FileFacts(),
    buildDirectory: join(dataDirectory, 'build'),
    buildRunDirectory: join(runDirectory, 'build'),
  };
}
