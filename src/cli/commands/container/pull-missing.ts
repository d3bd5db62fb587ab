/** Creating a container, with the pull that comes first where the image isn't there: shared by `create` and `run`. */
import { existsSync, writeFileSync } from 'node:fs';
import type { ContainerCreateResponse } from '../../../engine-api/types.ts';
import { InvalidError, NotFoundError, messageOf } from '../../../lib/errors.ts';
import { parsePlatform } from '../../../oci/image/platform.ts';
import {
  familiarReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../../../oci/image/reference.ts';
import type { CliContext } from '../../context.ts';
import { MemoryOutput } from '../../output.ts';
import type { CreateBody } from './create-body.ts';
import { isLocalServer } from './dns.ts';

export interface CreateOptions {
  readonly name: string | undefined;
  readonly platform: string | undefined;
  /** always, missing, never. */
  readonly pull: string;
  readonly quiet: boolean;
  readonly cidfile: string | undefined;
}

/** @returns the id. Progress of a pull and warnings go to stderr. */
export async function createContainer(
  context: CliContext,
  body: CreateBody,
  options: CreateOptions,
): Promise<string> {
  checkPull(options.pull);
  checkCidfile(options.cidfile);
  checkPlatform(options.platform);
  for (const server of (body.HostConfig.Dns ?? []).filter(isLocalServer))
    await context.err.write(`WARNING: Localhost DNS (${server}) may fail in containers.\n`);
  const reference = parseImage(body.Image ?? '');
  const pull = async (image: Reference) => {
    const { pullImage } = await import('../image/pull-image.ts');
    const progress = options.quiet ? new MemoryOutput() : context.err;
    await pullImage(context, image, { platform: options.platform, out: progress });
  };
  if (options.pull === 'always' && reference) await pull(reference);
  const created = await create(context, body, options).catch(async (error: unknown) => {
    if (!(error instanceof NotFoundError) || options.pull !== 'missing' || !reference) throw error;
    if (!options.quiet) {
      await context.err.write(`Unable to find image '${familiarReference(reference)}' locally\n`);
    }
    await pull(reference);
    return await create(context, body, options);
  });
  for (const warning of created.Warnings) await context.err.write(`WARNING: ${warning}\n`);
  if (options.cidfile !== undefined) writeFileSync(options.cidfile, created.Id, { flag: 'wx' });
  return created.Id;
}

async function create({ engine }: CliContext, body: CreateBody, options: CreateOptions) {
  const query = { name: options.name, platform: options.platform };
  const answer = await engine.post<ContainerCreateResponse>('/containers/create', { query, json: body });
  return { Id: answer.Id ?? '', Warnings: answer.Warnings ?? [] };
}

/** The name to pull; an id names nothing on a registry. */
function parseImage(text: string): Reference | undefined {
  if (/^(sha256:)?[a-f0-9]{64}$/.test(text)) return undefined;
  return withDefaultTag(parseReference(text));
}

function checkPull(mode: string): void {
  if (['always', 'missing', 'never'].includes(mode)) return;
  throw new InvalidError(`invalid pull option: '${mode}': must be one of "always", "missing" or "never"`);
}

function checkPlatform(text: string | undefined): void {
  if (!text) return;
  try {
    parsePlatform(text);
  } catch (cause) {
    throw new InvalidError(`error parsing specified platform: ${messageOf(cause)}`, { cause });
  }
}

function checkCidfile(path: string | undefined): void {
  if (path === undefined || !existsSync(path)) return;
  throw new InvalidError(
    `container ID file found, make sure the other container isn't running or delete ${path}`,
  );
}
