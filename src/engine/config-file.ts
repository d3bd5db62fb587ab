/**
 * The engine's settings file, /etc/cais/engine.json: the keys of docker's daemon.json that mean something here.
 * A key that is not known stops the start; flags win over the file (config.ts).
 * https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { errnoOf, InvalidError, messageOf } from '../lib/errors.ts';

const defaultConfigFile = '/etc/cais/engine.json';

const texts = z.array(z.string());
const fileSchema = z.strictObject({
  'data-root': z.string().optional(),
  'exec-root': z.string().optional(),
  hosts: texts.optional(),
  hub: z.string().optional(),
  labels: texts.optional(),
  debug: z.boolean().optional(),
  'log-level': z.string().optional(),
  'insecure-registries': texts.optional(),
  'metrics-addr': z.string().optional(),
  tls: z.boolean().optional(),
  tlsverify: z.boolean().optional(),
  tlscacert: z.string().optional(),
  tlscert: z.string().optional(),
  tlskey: z.string().optional(),
  'log-driver': z.string().optional(),
  'log-opts': z.record(z.string(), z.string()).optional(),
  'default-shm-size': z.union([z.string(), z.number()]).optional(),
  'default-ulimits': z
    .record(z.string(), z.looseObject({ Name: z.string().optional(), Hard: z.number(), Soft: z.number() }))
    .optional(),
  'default-ipc-mode': z.enum(['private', 'shareable']).optional(),
  'default-cgroupns-mode': z.enum(['host', 'private']).optional(),
  init: z.boolean().optional(),
  // Containers outlive the engine always.
  'live-restore': z.literal(true).optional(),
});

export type ConfigFile = z.infer<typeof fileSchema>;

/**
 * @param path undefined: the default one, which may be missing.
 * @throws InvalidError naming the file and the key.
 */
export function readConfigFile(path: string | undefined): ConfigFile {
  const file = path ?? defaultConfigFile;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (path === undefined && errnoOf(cause) === 'ENOENT') return {};
    throw refusal(file, messageOf(cause), cause);
  }
  // Docker takes an empty file for an empty object.
  if (text.trim() === '') return {};
  let contents: unknown;
  try {
    contents = JSON.parse(text);
  } catch (cause) {
    throw refusal(file, messageOf(cause), cause);
  }
  const parsed = fileSchema.safeParse(contents);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const keys = issue.keys.join(', ');
    throw refusal(file, `the following directives don't match any configuration option: ${keys}`);
  }
  throw refusal(file, `${issue?.path.join('.') || 'contents'}: ${issue?.message ?? 'not as expected'}`);
}

function refusal(file: string, reason: string, cause?: unknown): InvalidError {
  return new InvalidError(`unable to configure the engine with file ${file}: ${reason}`, { cause });
}
