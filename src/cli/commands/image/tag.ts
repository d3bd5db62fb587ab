/** `cais tag`: one more name for an image. Given a container, the error says what it is and what was made of it. */
import type { EngineClient } from '../../../engine-api/client.ts';
import { pathOf } from '../../../engine-api/client.ts';
import type { ContainerInspectResponse, ImageInspect, ImageSummary } from '../../../engine-api/types.ts';
import { CaisError, InvalidError, messageOf, NotFoundError } from '../../../lib/errors.ts';
import {
  familiarRepository,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../../../oci/image/reference.ts';
import { defineCommand, exactly } from '../../command.ts';

export const tag = defineCommand({
  usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  aliases: ['image tag', 'tag'],
  flags: {},
  count: exactly(2),
  completes: 'image',
  run: async ({ context: { engine }, args: [source = '', target = ''] }) => {
    const name = withDefaultTag(parseTarget(target));
    const query = { repo: familiarRepository(name), tag: name.tag };
    try {
      await engine.post(`/images/${pathOf(source)}/tag`, { query });
    } catch (error) {
      const hint = error instanceof NotFoundError ? await containerHint(engine, source) : undefined;
      if (hint === undefined || messageOf(error).includes('container')) throw error;
      throw new NotFoundError(`${messageOf(error)}\n${hint}`, { cause: error });
    }
  },
});

function parseTarget(text: string): Reference {
  try {
    return parseReference(text);
  } catch (cause) {
    const quoted = JSON.stringify(text);
    throw new InvalidError(
      `Error parsing reference: ${quoted} is not a valid repository/tag: ${messageOf(cause)}`,
      { cause },
    );
  }
}

/** What to type instead, where the name is a container's. */
async function containerHint(engine: EngineClient, name: string): Promise<string | undefined> {
  try {
    const container = await engine.get<ContainerInspectResponse>(`/containers/${pathOf(name)}/json`);
    const images = await committedFrom(engine, container.Id ?? '');
    const first = `${name} is a container, not an image.`;
    return images.length === 0
      ? `${first} Make an image of it first: cais commit ${name} REPOSITORY:TAG`
      : `${first} Images committed from it: ${images.join(', ')}`;
  } catch (error) {
    if (error instanceof CaisError) return undefined;
    throw error;
  }
}

async function committedFrom(engine: EngineClient, id: string): Promise<readonly string[]> {
  const images = await engine.get<ImageSummary[]>('/images/json');
  const inspected = await Promise.all(
    images.map(async ({ Id = '', RepoTags }) => {
      const image = await engine.get<ImageInspect & { Container?: string }>(`/images/${pathOf(Id)}/json`);
      return image.Container === id ? (RepoTags?.[0] ?? Id) : undefined;
    }),
  );
  return inspected.filter((name) => name !== undefined);
}
