/**
 * The body of `POST /containers/create`, checked and normalised: Go clients send null for empty, old ones strings for
 * lists. Unknown fields are dropped or kept as they are, as the API asks.
 */
import { z } from 'zod';
import type { ContainerConfig, EndpointSettings, HostConfig } from '../../engine-api/types.ts';
import { InvalidError } from '../../lib/errors.ts';

export interface CreateRequest {
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  readonly endpoints: Readonly<Record<string, EndpointSettings>>;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const number = z
  .number()
  .nullish()
  .transform((value) => value ?? 0);
const list = z.array(z.string()).nullish();
/** A shell word list may come as one string. */
const words = z
  .union([z.string().transform((word) => [word]), z.array(z.string())])
  .nullish()
  .transform((value) => value ?? undefined);
const emptyObjects = z.record(z.string(), z.unknown()).nullish();
const strings = z.record(z.string(), z.string()).nullish();

const configSchema = {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  ExposedPorts: emptyObjects,
  Env: list.transform((value) => value ?? []),
  Cmd: words,
  Entrypoint: words,
  Image: text,
  Volumes: emptyObjects,
  WorkingDir: text,
  NetworkDisabled: flag,
  Labels: strings.transform((value) => value ?? {}),
  StopSignal: z.string().nullish(),
  StopTimeout: z.number().int().nullish(),
  Shell: list,
  Healthcheck: z
    .looseObject({
      Test: list,
      Interval: number,
      Timeout: number,
      StartPeriod: number,
      StartInterval: number,
      Retries: number,
    })
    .nullish(),
};

const portBindings = z
  .record(
    z.string(),
    z.array(z.object({ HostIp: z.string().optional(), HostPort: z.string().optional() })).nullable(),
  )
  .nullish()
  .transform((value) => value ?? {});

const hostConfigSchema = z.looseObject({
  Binds: list,
  Mounts: z.array(z.looseObject({ Type: z.string().optional(), Target: z.string().optional() })).nullish(),
  NetworkMode: text,
  PortBindings: portBindings,
  PublishAllPorts: flag,
  RestartPolicy: z.looseObject({ Name: text, MaximumRetryCount: number }).nullish(),
  AutoRemove: flag,
  Privileged: flag,
  ReadonlyRootfs: flag,
  Memory: number,
  NanoCpus: number,
  CpuShares: number,
  CpuPeriod: number,
  CpuQuota: number,
  ShmSize: number,
  VolumesFrom: list,
  CapAdd: list,
  CapDrop: list,
  Dns: list,
  DnsOptions: list,
  DnsSearch: list,
  ExtraHosts: list,
  GroupAdd: list,
  Links: list,
  SecurityOpt: list,
  Tmpfs: strings,
  Sysctls: strings,
  IpcMode: text,
  PidMode: text,
  UTSMode: text,
  UsernsMode: text,
  LogConfig: z.looseObject({ Type: text, Config: strings }).nullish(),
  PidsLimit: z.number().nullish(),
  Init: z.boolean().nullish(),
});

const requestSchema = z.looseObject({
  ...configSchema,
  HostConfig: hostConfigSchema.nullish(),
  NetworkingConfig: z
    .looseObject({ EndpointsConfig: z.record(z.string(), z.looseObject({}).nullable()).nullish() })
    .nullish(),
});

/** @throws InvalidError naming the field that is wrong. */
export function parseCreateRequest(body: unknown): CreateRequest {
  if (body === undefined) throw new InvalidError('config cannot be empty in order to create a container');
  const parsed = requestSchema.safeParse(body);
  if (!parsed.success) throw new InvalidError(describe(parsed.error));
  const { HostConfig: hostConfig, NetworkingConfig: networking, ...config } = parsed.data;
  const known = Object.keys(config).filter((key) => key in configSchema);
  return {
    config: Object.fromEntries(known.map((key) => [key, config[key]])) as ContainerConfig,
    hostConfig: (hostConfig ?? hostConfigSchema.parse({})) as HostConfig,
    endpoints: (networking?.EndpointsConfig ?? {}) as Record<string, EndpointSettings>,
  };
}

function describe(error: z.ZodError): string {
  const issue = error.issues[0];
  return `invalid JSON: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`;
}
