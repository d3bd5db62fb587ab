/**
 * The body of `POST /containers/create`, checked and normalised: Go clients send null for empty, old ones strings for
 * lists. Unknown fields are dropped or kept as they are, as the API asks.
 */
import { z } from 'zod';
import type { ContainerConfig, EndpointSettings, HostConfig } from '../../../engine-api/types.ts';
import { InvalidError } from '../../../lib/errors.ts';
import { mountsSchema } from './mount-schema.ts';

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
/** Go's int64, which docker's JSON decoder takes for every number here: above 2^53 as well. */
const whole = z.number().refine(Number.isInteger, 'Invalid input: expected a whole number');
const integer = z
  .int()
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
  /** Of the network mode's endpoint; said there since 1.44, and still taken here. */
  MacAddress: z.string().nullish(),
  Labels: strings.transform((value) => value ?? {}),
  StopSignal: z.string().nullish(),
  StopTimeout: whole.nullish(),
  Shell: list,
  Healthcheck: z
    .looseObject({
      Test: list,
      Interval: integer,
      Timeout: integer,
      StartPeriod: integer,
      StartInterval: integer,
      Retries: integer,
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

const devices = z.array(z.looseObject({ Path: z.string().nullish(), Rate: whole.nullish() })).nullish();

/** Of create and update both. */
export const limitsSchema = {
  CpuShares: integer,
  Memory: integer,
  CgroupParent: text,
  BlkioWeight: integer,
  BlkioWeightDevice: z
    .array(z.looseObject({ Path: z.string().nullish(), Weight: whole.nullish() }))
    .nullish(),
  BlkioDeviceReadBps: devices,
  BlkioDeviceWriteBps: devices,
  BlkioDeviceReadIOps: devices,
  BlkioDeviceWriteIOps: devices,
  CpuPeriod: integer,
  CpuQuota: integer,
  CpuRealtimePeriod: integer,
  CpuRealtimeRuntime: integer,
  CpusetCpus: text,
  CpusetMems: text,
  Devices: z
    .array(
      z.looseObject({
        PathOnHost: z.string().nullish(),
        PathInContainer: z.string().nullish(),
        CgroupPermissions: z.string().nullish(),
      }),
    )
    .nullish(),
  DeviceCgroupRules: list,
  DeviceRequests: z.array(z.looseObject({})).nullish(),
  MemoryReservation: integer,
  MemorySwap: integer,
  MemorySwappiness: whole.nullish(),
  NanoCpus: integer,
  OomKillDisable: z.boolean().nullish(),
  PidsLimit: whole.nullish(),
  Ulimits: z
    .array(z.looseObject({ Name: z.string().nullish(), Soft: whole.nullish(), Hard: whole.nullish() }))
    .nullish(),
  RestartPolicy: z.looseObject({ Name: text, MaximumRetryCount: integer }).nullish(),
};

const hostConfigSchema = z.looseObject({
  ...limitsSchema,
  Binds: list,
  ContainerIDFile: text,
  LogConfig: z.looseObject({ Type: text, Config: strings }).nullish(),
  NetworkMode: text,
  PortBindings: portBindings,
  AutoRemove: flag,
  VolumeDriver: text,
  VolumesFrom: list,
  ConsoleSize: z.tuple([whole, whole]).nullish(),
  Annotations: strings,
  CapAdd: list,
  CapDrop: list,
  CgroupnsMode: text,
  Dns: list,
  DnsOptions: list,
  DnsSearch: list,
  ExtraHosts: list,
  GroupAdd: list,
  IpcMode: text,
  Cgroup: text,
  Links: list,
  Mounts: mountsSchema,
  OomScoreAdj: integer,
  PidMode: text,
  Privileged: flag,
  PublishAllPorts: flag,
  ReadonlyRootfs: flag,
  SecurityOpt: list,
  StorageOpt: strings,
  Tmpfs: strings,
  UTSMode: text,
  UsernsMode: text,
  ShmSize: integer,
  Sysctls: strings,
  Runtime: text,
  Isolation: text,
  MaskedPaths: list,
  ReadonlyPaths: list,
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
  const isEmpty =
    typeof body === 'object' && body !== null && !Object.keys(body).some((key) => key in configSchema);
  if (isEmpty) throw new InvalidError('config cannot be empty in order to create a container');
  return {
    config: Object.fromEntries(known.map((key) => [key, config[key]])) as ContainerConfig,
    hostConfig: (hostConfig ?? hostConfigSchema.parse({})) as HostConfig,
    endpoints: (networking?.EndpointsConfig ?? {}) as Record<string, EndpointSettings>,
  };
}

/** Names the field. */
export function describe(error: z.ZodError): string {
  const issue = error.issues[0];
  return `invalid JSON: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not as expected'}`;
}
