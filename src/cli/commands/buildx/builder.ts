/** The one builder there is, the engine's own, as buildx tells of builders. */
import type { SystemVersion } from '../../../engine-api/types.ts';
import { CaisError, messageOf } from '../../../lib/errors.ts';
import type { CliContext } from '../../context.ts';

export interface Builder {
  /** With buildx, too, the builder of an engine has the name of its context. */
  readonly name: string;
  readonly driver: 'cais';
  /** `linux/amd64`: what the engine's processor runs. Stages without RUN can be for any. */
  readonly platforms: readonly string[];
  /** Why the engine does not answer. */
  readonly error: string | undefined;
}

export async function describeBuilder({ engine, endpoint }: CliContext): Promise<Builder> {
  const { contextName: name } = await endpoint();
  try {
    const { Os, Arch } = await engine.get<SystemVersion>('/version');
    return { name, driver: 'cais', platforms: [`${Os}/${Arch}`], error: undefined };
  } catch (error) {
    if (!(error instanceof CaisError)) throw error;
    return { name, driver: 'cais', platforms: [], error: messageOf(error) };
  }
}
